"""A flow led to a picture that fits: at each step what it draws is moved up CLIP's cosine.

The paper draws nothing. That its cosine can lead what draws was found afterwards (guided diffusion
models: Nichol et al., GLIDE, ICML 2022, section 2.4, after Dhariwal and Nichol, NeurIPS 2021), with
a view of the picture that is cut out anew at every look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Guidance:
    """The numbers of a drawing, chosen by eye."""

    steps: int = 12  # of the flow, each with a look
    cuts: int = 8  # views of a picture that are looked at
    least: float = 0.6  # share of the picture's side that a view has
    strength: float = 0.18  # how far the first step goes up the cosine; pictures are from -1 to 1


class Moment(NamedTuple):
    """A step of a drawing: what the picture would be, (1, 3, S, S), and how well it fits."""

    picture: Tensor
    cosine: float


def cut_outs(
    picture: Tensor, count: int, side: int, least: float, generator: torch.Generator
) -> Tensor:
    """Square windows (count, 3, side, side) of a picture (1, 3, S, S), half of them mirrored.

    Their sides are from `least` to 1 of the picture's. The generator is one of the CPU.
    """
    drawn = torch.rand(4, count, generator=generator)
    scale = least + (1 - least) * drawn[0]
    mirrored = torch.where(drawn[1] < 0.5, -scale, scale)
    right, down = (1 - scale) * (2 * drawn[2:] - 1)
    none = torch.zeros(count)
    across, along = torch.stack([mirrored, none, right], 1), torch.stack([none, scale, down], 1)
    moves = torch.stack([across, along], 1).to(picture)  # (count, 2, 3)
    grid = functional.affine_grid(moves, [count, 3, side, side], align_corners=False)
    views = picture.expand(count, -1, -1, -1)
    return functional.grid_sample(views, grid, padding_mode="border", align_corners=False)


def guided(
    denoised: Callable[[Tensor, float], Tensor],
    noise: Tensor,
    cosine: Callable[[Tensor], Tensor],
    steps: int,
    strength: float,
) -> Iterator[Moment]:
    """The moments of a flow (Lipman et al., ICLR 2023) from noise (1, 3, h, w) to a picture.

    `denoised`: the picture that a noisy one at a time from 0 to 1 probably comes from. At each of
    the steps it is moved along the gradient of its `cosine`, a scalar, at what is noisy, whatever
    the gradient's length: by `strength` at first and by nothing in the end, so that the flow has
    the last word; then the flow goes on to there.
    """
    noisy = noise
    for step in range(steps):
        with torch.enable_grad():
            begun = noisy.detach().requires_grad_()
            end = denoised(begun, step / steps)
            fits = cosine(end)
            (uphill,) = torch.autograd.grad(fits, begun)
        size = uphill.square().mean().sqrt().clamp(min=torch.finfo(uphill.dtype).tiny)
        left = 1 - (step + 1) / steps
        end = (end.detach() + strength * left * uphill / size).clamp(-1, 1)
        noisy = noisy + (end - noisy) / (steps - step)
        yield Moment(end, float(fits.detach()))
