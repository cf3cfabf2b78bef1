"""How a picture is edited by words: its code is led to theirs, while the picture is held on to."""

from collections.abc import Iterator

import torch
from torch import Tensor

from trecs.systems.cigan.generator import Noise
from trecs.systems.cigan.network import CiGanNetworks


def edit_loss(code: Tensor, told: Tensor, seen: Tensor, first: Tensor, weights: tuple[float, float]
              ) -> Tensor:  # fmt: skip
    """||t - w||^2 + ||F(x) - F(G(w))||^2, a scalar; each a mean over its numbers, times a weight.

    `code`, `told` (1, W): w and t, standardised. `seen`, `first` (1, C, h, w): F of G(w) and of x.
    """
    words, picture = weights
    return words * (told - code).square().mean() + picture * (first - seen).square().mean()


def edited(
    networks: CiGanNetworks, picture: Tensor, told: Tensor, noise: Noise
) -> Iterator[Tensor]:
    """The codes (1, W) on the way from E(x) to the edited one, which is the last.

    `picture`: x, (1, 3, S, S) in [-1, 1]; `told`: t, (1, W). Each step is one of Adam down
    `edit_loss`, with the numbers of the configuration.
    """
    config = networks.config
    first = networks.look(picture)
    code = networks.encoder(picture, first).detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([code], config.edit_rate)
    yield code.detach().clone()
    for _ in range(config.edit_steps):
        seen = networks.look(networks.draw(code, noise))
        loss = edit_loss(code, told, seen, first, (config.edit_words, config.edit_picture))
        (code.grad,) = torch.autograd.grad(loss, code)
        optimizer.step()
        yield code.detach().clone()
