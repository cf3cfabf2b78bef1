"""PPGN's sampler: updates of a code towards what is likely and what was asked for.

Nguyen et al., CVPR 2017, equation 5, with the step size and the bounds of the authors' code
(sampler.py). It knows no network but what looks at a code.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor


class Seen(NamedTuple):
    """What is seen of codes h (B, ...)."""

    picture: Tensor  # G(h), (B, 3, S, S)
    code: Tensor  # E(G(h)), (B, ...)
    log_probability: Tensor  # of what was asked for given G(h), (B,)


class Epsilons(NamedTuple):
    """How much each term of an update counts: epsilon 1, 2 and 3."""

    prior: float
    condition: float
    noise: float


class Moment(NamedTuple):
    """A code (B, ...) before an update, and where the terms would lead it."""

    code: Tensor
    picture: Tensor
    prior: Tensor  # E(G(h)) - h
    condition: Tensor  # the gradient of log p at h
    log_probability: Tensor  # (B,)


Look = Callable[[Tensor], Seen]


def looked(look: Look, code: Tensor) -> Moment:
    """What the terms say at a code (B, ...)."""
    with torch.enable_grad():
        code = code.detach().requires_grad_()
        seen = look(code)
        (condition,) = torch.autograd.grad(seen.log_probability.sum(), code)
    code = code.detach()
    return Moment(code, seen.picture.detach(), seen.code.detach() - code, condition,
                  seen.log_probability.detach())  # fmt: skip


def updated(
    moment: Moment, noise: Tensor, epsilons: Epsilons, step: float, bounds: tuple[float, float]
) -> Tensor:
    """The next code, h + step / mean|d| d within the bounds.

    d is the sum of equation 5: epsilon 1 times the prior, epsilon 2 times the condition, and
    epsilon 3 times standard normal `noise` (B, ...). So only the epsilons' ratios count.
    """
    direction = epsilons.prior * moment.prior + epsilons.condition * moment.condition
    direction = direction + epsilons.noise * noise
    size = direction.abs().flatten(1).mean(1).clamp(min=torch.finfo(direction.dtype).tiny)
    size = size.view(-1, *[1] * (direction.ndim - 1))
    return (moment.code + step / size * direction).clamp(*bounds)


def step_size(number: int, updates: int, first: float, last: float) -> float:
    """That of update 0 to `updates`: it goes linearly from the first to the last."""
    return first + (last - first) * number / max(updates, 1)


def chain(
    look: Look,
    code: Tensor,
    *,
    noise: Callable[[], Tensor],  # standard normal, of the code's shape
    epsilons: Epsilons,
    steps: tuple[float, float],  # the first and the last size of a step
    updates: int,
    bounds: tuple[float, float],
) -> Iterator[Moment]:
    """The moments from a code (B, ...) on, one more than there are updates."""
    for number in range(updates):
        moment = looked(look, code)
        yield moment
        size = step_size(number, updates, *steps)
        code = updated(moment, noise(), epsilons, size, bounds)
    yield looked(look, code)
