"""The dual encoder's scene side: which labels a scene shows, and how, from its masks alone.

Reconstructed; no photo is seen. A scene's vector has the two parts of a text's (see
`retrieval.text_side`): what each label that it shows is worth, and a learned summary of its masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from retrieval.attention_pool import AttentionPool
from retrieval.encoder_config import EncoderConfig
from segmentation.labels import COUNT, FIRST_STUFF

GEOMETRY = 8  # numbers that describe a mask besides its label
ROOT_OF_AREA, ONE = 4, 7  # two of them
MAX_MASKS = 64  # of a scene; the largest are read


@dataclass(frozen=True, eq=False)
class SceneMasks:
    """What the encoder sees of a scene: `labels` (M,), `boxes` (M, 4), `areas` (M,)."""

    labels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    areas: NDArray[np.float32]


class SceneSide(nn.Module):
    """Masks as a set of (label, geometry) to a vector."""

    stuff: Tensor

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.label = nn.Embedding(COUNT, config.word_width)
        self.item = nn.Sequential(
            nn.Linear(config.word_width + GEOMETRY, config.width),
            nn.GELU(),
            nn.Linear(config.width, config.width),
            nn.GELU(),
        )
        self.rarity = nn.Parameter(torch.zeros(COUNT))  # logarithm of each label's worth
        self.by_area = nn.Parameter(torch.zeros(2))  # exponents for things and for stuff
        self.by_count = nn.Parameter(torch.zeros(2))
        self.surplus = nn.Parameter(torch.tensor(1.8))  # log of what may be shown unasked
        self.pool = AttentionPool(config.width, config.heads)
        self.out = nn.Linear(config.width, config.learned)
        is_stuff = torch.arange(COUNT) >= FIRST_STUFF
        self.register_buffer("stuff", is_stuff.long(), persistent=False)

    def forward(self, labels: Tensor, geometry: Tensor, present: Tensor) -> Tensor:
        """Vectors (B, dimension) of scenes of up to N masks.

        `labels` (B, N) int64, `geometry` (B, N, 8) float, `present` (B, N) bool. Both parts are at
        most of unit length; the first is shorter, so that showing more than a text names costs
        less than in a cosine.
        """
        real = present * geometry[:, :, ONE]
        none = geometry.new_zeros(len(labels), COUNT)
        area = none.scatter_add(1, labels, real * geometry[:, :, ROOT_OF_AREA] ** 2)
        count = none.scatter_add(1, labels, real)
        worth = (
            self.rarity
            + self.by_area[self.stuff] * ((area + 1e-3).log() + 3)
            + self.by_count[self.stuff] * count.clamp(min=1).log()
        )
        shown = (count > 0) * worth.exp()  # (B, 182)
        length = (shown.square().sum(1, keepdim=True) + (2 * self.surplus).exp()).sqrt()

        items = self.item(torch.cat((self.label(labels), geometry), 2))
        rest = functional.normalize(self.out(self.pool(items, present)), dim=1)
        return torch.cat((shown / length, rest), 1)


def batch_of(scenes: Sequence[SceneMasks]) -> tuple[Tensor, Tensor, Tensor]:
    """Scenes padded to one length: labels (B, N), geometry (B, N, 8), present (B, N)."""
    longest = min(max((len(scene.labels) for scene in scenes), default=0), MAX_MASKS)
    shape = (len(scenes), max(longest, 1))
    labels, present = np.zeros(shape, np.int64), np.zeros(shape, bool)
    geometry = np.zeros((*shape, GEOMETRY), np.float32)
    for i, scene in enumerate(scenes):
        kept = np.argsort(-scene.areas, kind="stable")[:MAX_MASKS]
        count = max(len(kept), 1)  # the pool needs an item; an empty scene's is all zeros
        labels[i, : len(kept)] = scene.labels[kept]
        geometry[i, : len(kept)] = _geometry(
            scene.labels[kept], scene.boxes[kept], scene.areas[kept]
        )
        present[i, :count] = True
    return torch.from_numpy(labels), torch.from_numpy(geometry), torch.from_numpy(present)


def _geometry(
    labels: NDArray[np.uint8], boxes: NDArray[np.float32], areas: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(M, 8): centre, width, height, root and logarithm of the area, thing or stuff, one."""
    left, top, right, bottom = boxes.T
    columns = (
        left + right - 1,
        top + bottom - 1,
        right - left,
        bottom - top,
        np.sqrt(areas),
        0.25 * np.log(areas + 1e-4) + 1,
        labels < FIRST_STUFF,
        np.ones(len(labels)),
    )
    return np.stack(columns, 1).astype(np.float32)
