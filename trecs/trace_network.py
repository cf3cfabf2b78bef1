"""The network of the trace predictor: from labels and cue words to where each region's box lies.

Reconstructed; the paper always has a trace. A Transformer encoder reads one token for each region
(its label, the cue words in and before its run, its place in the narrative, and its box where that
is known) and gives for each region a distribution over boxes: the four edges, left, right, top and
bottom, one after the other, each over evenly spaced positions and given the edges before it.

Beside its weights it stores counts of where and how large each label is and which labels occur
together, for strokes without words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from retrieval.families import FAMILIES
from segmentation.labels import COUNT, value_of
from trecs.phrases import how_many
from trecs.words import normalise

CUES: tuple[str, ...] = tuple(
    """
    left right top bottom middle center centre background behind front foreground back above sky
    under below beneath beside near next between around inside outside on in at holding wearing
    riding sitting standing lying ground side corner big large huge small tiny many group few two
    another other far close full wide
    """.split()
)
CUE_INPUTS = 2 * len(CUES) + 3
WORDS_BEFORE = 6  # a run's place is often told at the end of the run before it
PLACES = 32  # of a region in the narrative, told apart


@dataclass(frozen=True)
class TraceConfig:
    """The numbers of the network; the defaults are the bundled checkpoint's."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    positions: int = 21  # of each edge: 0, 0.05, ... 1
    dropout: float = 0.3
    label_dropout: float = 0.15  # share of labels seen by their family alone in training

    @classmethod
    def tiny(cls) -> "TraceConfig":
        """The same path in a test's time."""
        return cls(width=16, layers=1, heads=2)


class TraceNetwork(nn.Module):
    """See the module; `placement` and `together` are filled by training."""

    placement: Tensor
    together: Tensor
    family_of: Tensor

    def __init__(self, config: TraceConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.label = nn.Embedding(COUNT, width)
        self.family = nn.Embedding(len(FAMILIES) + 1, width)
        self.place = nn.Embedding(PLACES, width)
        self.cue = nn.Linear(CUE_INPUTS, width)
        self.box = nn.Embedding(4 * config.positions, width)  # known edges
        self.unknown_box = nn.Parameter(torch.zeros(width))
        layer = nn.TransformerEncoderLayer(
            width,
            config.heads,
            2 * width,
            config.dropout,
            "gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.edge = nn.ModuleList(
            nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, config.positions))
            for _ in range(4)
        )
        self.given = nn.Embedding(4 * config.positions, width)  # edges predicted before
        # Alike in size, so that no input drowns the others: a box is a sum of four rows.
        for table in (self.label, self.family, self.place, self.cue, self.box, self.given):
            nn.init.normal_(table.weight, std=0.3)
        # Counts: label x (centre x, centre y, width, height) x position; label x label
        self.register_buffer("family_of", torch.from_numpy(_families()), persistent=False)
        self.register_buffer("placement", torch.zeros(COUNT, 4, config.positions))
        self.register_buffer("together", torch.zeros(COUNT, COUNT))

    def forward(self, labels: Tensor, cues: Tensor, edges: Tensor, padding: Tensor) -> Tensor:
        """Reads the regions of some narratives.

        `labels` (B, N) int64; `cues` (B, N, CUE_INPUTS) float32; `edges` (B, N, 4) int64, the
        known boxes' left, right, top, bottom positions, -1 where unknown; `padding` (B, N) bool,
        true beyond a narrative's end. Returns what `edge_logits` needs, (B, N, width).
        """
        places = torch.arange(labels.shape[1], device=labels.device).clamp(max=PLACES - 1)
        own = self.label(labels)  # (B, N, width)
        if self.training:
            kept = torch.rand_like(own[..., :1]) >= self.config.label_dropout
            own = own * kept
        x = own + self.family(self.family_of[labels]) + self.cue(cues) + self.place(places)
        known = self.box(self._numbers(edges)).sum(2)  # (B, N, width)
        x = x + torch.where(edges[..., :1] >= 0, known, self.unknown_box)
        return self.norm(self.encoder(x, src_key_padding_mask=padding))

    def edge_logits(self, x: Tensor, edges: Tensor, which: int) -> Tensor:
        """The logits (..., positions) of edge `which`, given the edges before it in `edges`.

        `x` (..., width) from `forward`; `edges` (..., 4) int64. Positions that would leave a box
        without area are ruled out.
        """
        if which:
            x = x + self.given(self._numbers(edges))[..., :which, :].sum(-2)
        logits = self.edge[which](x)
        positions = torch.arange(self.config.positions, device=x.device)
        last = self.config.positions - 1
        if which in (0, 2):
            return logits.masked_fill(positions == last, -torch.inf)
        return logits.masked_fill(positions <= edges[..., which - 1, None], -torch.inf)

    def _numbers(self, edges: Tensor) -> Tensor:
        """Edge positions as rows of one table for all four edges."""
        offsets = torch.arange(4, device=edges.device) * self.config.positions
        return edges.clamp(min=0) + offsets


def _families() -> NDArray[np.int64]:
    """The number of each label's family, (182,); 0 for labels that never occur."""
    numbers = np.zeros(COUNT, np.int64)
    for number, members in enumerate(FAMILIES.values(), 1):
        numbers[[value_of(name) for name in members]] = number
    return numbers


def cue_inputs(words: Sequence[str], start: int, stop: int) -> NDArray[np.float32]:
    """The cue words in and just before words[start:stop], and the number meant: (CUE_INPUTS,)."""
    own = {normalise(word) for word in words[start:stop]}
    before = {normalise(word) for word in words[max(start - WORDS_BEFORE, 0) : start]}
    count = how_many(words[start:stop])
    flags = [cue in own for cue in CUES] + [cue in before for cue in CUES]
    return np.array([*flags, count == 1, 1 < count < 5, count >= 5], np.float32)


def edge_positions(box: Sequence[float], positions: int) -> NDArray[np.int64]:
    """A box (left, top, right, bottom) in fractions as positions of left, right, top, bottom.

    Boxes beyond the picture are cut; a box thinner than a step still gets one.
    """
    left, top, right, bottom = (round(min(max(v, 0.0), 1.0) * (positions - 1)) for v in box)
    left, top = min(left, positions - 2), min(top, positions - 2)
    return np.array([left, max(right, left + 1), top, max(bottom, top + 1)], np.int64)


def placement_positions(box: Sequence[float], positions: int) -> NDArray[np.int64]:
    """A box's centre x, centre y, width and height as positions, for the counts."""
    left, top, right, bottom = (min(max(v, 0.0), 1.0) for v in box)
    values = np.array([(left + right) / 2, (top + bottom) / 2, right - left, bottom - top])
    return np.round(values * (positions - 1)).astype(np.int64)
