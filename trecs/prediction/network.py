"""The network of the trace predictor: from labels and cue words to where each region's pixels lie.

Reconstructed; the paper always has a trace. A Transformer encoder reads one token for each region
(its label, the cue words in and before its run, its place in the narrative, and its box where that
is known) and gives for each region the chance of every cell of a grid to belong to it. In logits
that is the label's own map, counted in training photos, plus a smooth correction: the coefficients
of the lowest two-dimensional cosines.

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
from retrieval.words import normalise
from segmentation.labels import COUNT, value_of
from trecs.text.phrases import how_many

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
    cells: int = 20  # along each side of the grid
    waves: int = 8  # cosines along each side, from the constant one on
    dropout: float = 0.2
    label_dropout: float = 0.1  # share of labels seen by their family alone in training

    @property
    def positions(self) -> int:
        """Borders of the cells along a side: 0, 0.05, ... 1."""
        return self.cells + 1

    @classmethod
    def tiny(cls) -> "TraceConfig":
        """The same path in a test's time."""
        return cls(width=16, layers=1, heads=2, waves=4)


class TraceNetwork(nn.Module):
    """See the module; `prior`, `placement` and `together` are filled by training."""

    prior: Tensor
    placement: Tensor
    together: Tensor
    family_of: Tensor
    cosines: Tensor

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
        self.correction = nn.Linear(width, config.waves**2)
        # Alike in size, so that no input drowns the others: a box is a sum of four rows.
        for table in (self.label, self.family, self.place, self.cue, self.box):
            nn.init.normal_(table.weight, std=0.3)
        nn.init.zeros_(self.correction.weight)  # at first every label lies where it usually does
        nn.init.zeros_(self.correction.bias)
        self.register_buffer("family_of", torch.from_numpy(_families()), persistent=False)
        self.register_buffer("cosines", _cosines(config.cells, config.waves), persistent=False)
        # Logits: label x row x column
        self.register_buffer("prior", torch.zeros(COUNT, config.cells, config.cells))
        # Counts: label x (centre x, centre y, width, height) x position; label x label
        self.register_buffer("placement", torch.zeros(COUNT, 4, config.positions))
        self.register_buffer("together", torch.zeros(COUNT, COUNT))

    def forward(self, labels: Tensor, cues: Tensor, edges: Tensor, padding: Tensor) -> Tensor:
        """The logits of each cell's chance to belong to each region, (B, N, cells, cells).

        `labels` (B, N) int64; `cues` (B, N, CUE_INPUTS) float32; `edges` (B, N, 4) int64, the
        known boxes' left, right, top, bottom positions, -1 where unknown; `padding` (B, N) bool,
        true beyond a narrative's end. Cells go row by row from the top.
        """
        places = torch.arange(labels.shape[1], device=labels.device).clamp(max=PLACES - 1)
        own = self.label(labels)  # (B, N, width)
        if self.training:
            kept = torch.rand_like(own[..., :1]) >= self.config.label_dropout
            own = own * kept
        x = own + self.family(self.family_of[labels]) + self.cue(cues) + self.place(places)
        offsets = torch.arange(4, device=edges.device) * self.config.positions
        known = self.box(edges.clamp(min=0) + offsets).sum(2)  # (B, N, width)
        x = x + torch.where(edges[..., :1] >= 0, known, self.unknown_box)
        x = self.norm(self.encoder(x, src_key_padding_mask=padding))
        smooth = self.correction(x) @ self.cosines  # (B, N, cells * cells)
        return self.prior[labels] + smooth.unflatten(-1, (self.config.cells, self.config.cells))


def _cosines(cells: int, waves: int) -> Tensor:
    """The lowest cosines on a grid, (waves * waves, cells * cells) float32, row by row."""
    middles = (torch.arange(cells) + 0.5) / cells
    waved = torch.cos(torch.pi * torch.arange(waves)[:, None] * middles)  # (waves, cells)
    return torch.einsum("ir,jc->ijrc", waved, waved).reshape(waves**2, cells**2)


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
