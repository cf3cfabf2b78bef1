"""What the training loops do to learning rates and weights besides the optimizer's steps."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


def warmup_cosine(step: int, steps: int, warmup: int) -> float:
    """The learning rate's factor at a step: up in a line for `warmup` steps, then a cosine to 0."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(steps - warmup, 1)
    return 0.5 * (1 + math.cos(math.pi * done))


def settled(step: int, steps: int, settling: int) -> float:
    """The learning rates' factor at a step of an adversarial training: 1, at its end falling.

    In the last `settling` steps it goes to a tenth in a line. Two networks that chase each other
    leave the averaged weights in a better place when they slow down.
    """
    left = steps - step  # this one included
    return 1.0 if left > settling else 0.1 + 0.9 * left / (settling + 1)


def warmed(most: float, step: int) -> float:
    """How much of averaged weights stays at a step: `most`, but less at first.

    Of the first steps the average reaches back a ninth, so that it soon forgets the beginning.
    """
    return min(most, (1 + step) / (10 + step))


def parted(network: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Parameters whose weights decay, matrices and kernels, and those that do not."""
    every = list(network.parameters())
    return [one for one in every if one.ndim > 1], [one for one in every if one.ndim < 2]


@torch.no_grad()
def move_average(
    average: Mapping[str, Tensor], current: Mapping[str, Tensor], decay: float
) -> None:
    """Moves averaged weights, in place, a share of 1 - decay towards the current ones.

    Both are state dicts of one network; counters, which have no mean, are copied.
    """
    numbers = [name for name, value in average.items() if value.is_floating_point()]
    get_ema_multi_avg_fn(decay)([average[name] for name in numbers],
                                [current[name] for name in numbers], 0)  # fmt: skip
    for name in average.keys() - numbers:
        average[name].copy_(current[name])


def interpolated(
    begun: Mapping[str, Tensor] | None, learned: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Weights that have gone a share of the way from those at the start, if there were any."""
    if begun is None:
        return dict(learned)
    return {
        name: torch.lerp(begun[name].to(value.device), value, share)
        if value.is_floating_point()
        else value
        for name, value in learned.items()
    }
