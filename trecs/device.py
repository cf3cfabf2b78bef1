"""The device on which networks draw and measure, and how they lie in its memory."""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch import nn

Network = TypeVar("Network", bound="nn.Module")


def best_device() -> str:
    """The GPU, "cuda", where torch finds one, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def channels_last(network: Network) -> Network:
    """Lays the network's weights out with channels last, which is faster; returns the network."""
    import torch

    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
