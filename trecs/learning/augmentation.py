"""Differentiable augmentation of what the discriminator sees (Zhao et al., NeurIPS 2020).

Its colour policy, and its translations; where random windows and mirroring, of which photo and
canvas share one draw, already move the pictures, those are not needed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, eq=False)
class Jitter:
    """One draw for a batch, so that a photo and its rendering are changed alike.

    Each (B, 1, 1, 1) float: `brightness` is added, `saturation` and `contrast` are factors.
    """

    brightness: Tensor
    saturation: Tensor
    contrast: Tensor

    @staticmethod
    def drawn(batch: int, strength: float) -> "Jitter":
        """Brightness within +-strength, saturation and contrast within 1 +- strength."""
        brightness, saturation, contrast = (torch.rand(3, batch, 1, 1, 1) * 2 - 1) * strength
        return Jitter(brightness, 1 + saturation, 1 + contrast)

    def of(self, part: slice, device: torch.device) -> "Jitter":
        """The draw of a part of the batch, on a device."""
        parts = (self.brightness[part], self.saturation[part], self.contrast[part])
        return Jitter(*(value.to(device) for value in parts))

    def __call__(self, pictures: Tensor) -> Tensor:
        """Changes pictures (B, 3, H, W) in [-1, 1], which may leave that range by it."""
        grey = pictures.mean(1, keepdim=True)
        pictures = grey + (pictures - grey) * self.saturation
        mean = pictures.mean((1, 2, 3), keepdim=True)
        return mean + (pictures - mean) * self.contrast + self.brightness


def shifted(pictures: Tensor, strength: float) -> Tensor:
    """Pictures (B, C, H, W), each moved by up to `strength` of its side; what is bared is 0."""
    height, width = pictures.shape[2:]
    reach = int(height * strength), int(width * strength)
    padded = functional.pad(pictures, (reach[1], reach[1], reach[0], reach[0]))
    moved = []
    for picture in padded:
        top, left = (int(torch.randint(2 * far + 1, ())) for far in reach)
        moved.append(picture[:, top : top + height, left : left + width])
    return torch.stack(moved)
