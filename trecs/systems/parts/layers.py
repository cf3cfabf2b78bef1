"""Layers that the networks of several systems share, and how they begin."""

import torch
from torch import Tensor, nn


class GatedLinear(nn.Module):
    """GLU: the first half of the channels, gated by the sigmoid of the second."""

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, 2C, ...) to (B, C, ...)."""
        values, gates = x.chunk(2, 1)
        return values * torch.sigmoid(gates)


def initialise(network: nn.Module) -> None:
    """The beginning of AttnGAN's authors: orthogonal weights, norms about 1 by 0.02, no biases."""
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.orthogonal_(module.weight)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and module.affine:
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def begin_dcgan(network: nn.Module) -> None:
    """DCGAN's beginning: weights N(0, 0.02), norms about 1 by 0.02, no biases."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
