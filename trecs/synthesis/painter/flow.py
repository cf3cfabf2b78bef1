"""Straight flows from noise to data, and how a network is asked for their velocity.

Flow matching (Lipman et al., ICLR 2023) with straight paths: at time t, from 0, all noise, to 1,
none, a sample x becomes t x + (1 - t) noise, and moves with the velocity x - noise.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

LATEST = 0.9  # the last moment whose velocity is divided by the true time that is left


def mixed(true: Tensor, noise: Tensor, times: Tensor) -> Tensor:
    """Samples (B, C, H, W) at the `times` (B,) of their paths."""
    given = _planes(times)
    return given * true + (1 - given) * noise


def end_loss(end: Tensor, true: Tensor, times: Tensor, weights: Tensor) -> Tensor:
    """The mean squared error of the velocity that leads to a named end, a scalar.

    The velocity that leads to another end is its difference divided by the time that is left, and
    so is its error; the last tenth counts like its start (equation 23, sigma_min 0). `weights`:
    (B, 1, H, W), their mean is divided out.
    """
    left = (1 - _planes(times)).clamp(min=1 - LATEST)
    return weighted_mean(((end - true) / left).square(), weights)


def weighted_mean(errors: Tensor, weights: Tensor) -> Tensor:
    """The mean of errors (B, C, H, W) by weights (B, 1, H, W), a scalar; 0 where all weigh 0."""
    return (errors.mean(1, keepdim=True) * weights).sum() / weights.sum().clamp(min=1e-6)


def velocity_of(network: Tensor, noisy: Tensor, times: Tensor) -> Tensor:
    """The velocity where a network (B, C, H, W) adds to the linear estimate of a Gaussian.

    For data of mean 0 and variance 1 the best linear estimate of the velocity is
    (2t - 1) noisy / (t^2 + (1 - t)^2), which leaves a variance of 1 / (t^2 + (1 - t)^2); the
    network says the rest, scaled to variance 1 (after Karras et al., NeurIPS 2022, section 5).
    """
    given = _planes(times)
    variance = given.square() + (1 - given).square()
    return (2 * given - 1) / variance * noisy + network * variance.rsqrt()


def scaled_input(noisy: Tensor, times: Tensor) -> Tensor:
    """Noisy samples of data of variance 1, brought to variance 1."""
    given = _planes(times)
    return noisy * (given.square() + (1 - given).square()).rsqrt()


def moments_of(steps: int, power: float = 1.0) -> tuple[float, ...]:
    """The times 0 to 1 that so many steps go by; of a higher power, shorter ones come first.

    Far from the data, where the large things of a picture are decided, the way bends most.
    """
    return tuple((step / steps) ** power for step in range(steps + 1))


def integrate(
    noisy: Tensor,
    end: Callable[[Tensor, float], Tensor],
    moments: Sequence[float],
    *,
    extrapolated: bool = True,
) -> Tensor:
    """Follows the flow from the first of `moments` to the last, where there is no noise.

    `end`: where a state at a time seems to come from, (B, C, H, W). DEIS (Zhang and Chen, ICLR
    2023, tAB with a polynomial of order 1): between two moments the end is taken to go on as it
    went between the last two, and the rest is integrated exactly. A step costs one call, as one of
    Euler's does, in which the end stays as it is: those lose contrast, for seen from far away the
    end is a mean. Not `extrapolated`, these are taken, and what is seen at last is the answer.
    """
    state, before = noisy, None
    for now, then in pairwise(moments):
        seen = end(state, now)
        left = (1 - then) / (1 - now)
        state = left * state + (1 - left) * seen
        if extrapolated and before is not None:
            was, since = before
            further = (1 - now) - (1 - then) * (1 - math.log(left)) if left else 1 - now
            state = state + (seen - was) * (further / (now - since))
        before = seen, now
    return state


def drawn_times(batch: int, mean: float, deviation: float) -> Tensor:
    """Times (B,) whose logits are normal (Esser et al., ICML 2024, section 3.1)."""
    return (torch.randn(batch) * deviation + mean).sigmoid()


def _planes(times: Tensor) -> Tensor:
    return times.view(-1, 1, 1, 1)
