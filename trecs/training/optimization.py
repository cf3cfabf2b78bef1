"""What the training loops do to learning rates and weights besides the optimizer's steps."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


def warmup_cosine(step: int, steps: int, warmup: int) -> float:
    """The learning rate's factor at a step: up in a line for `warmup` steps, then a cosine to 0."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(steps - warmup, 1)
    return 0.5 * (1 + math.cos(math.pi * done))


@torch.no_grad()
def move_average(
    average: Mapping[str, Tensor], current: Mapping[str, Tensor], decay: float
) -> None:
    """Moves averaged weights, in place, a share of 1 - decay towards the current ones.

    Both are state dicts of one network; counters, which have no mean, are copied.
    """
    for name, value in average.items():
        if value.is_floating_point():
            value.lerp_(current[name].to(value.dtype), 1 - decay)
        else:
            value.copy_(current[name])
