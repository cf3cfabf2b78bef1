"""TAEF2: a small autoencoder whose latents a generator learns to draw.

The network is Ollin Boer Bohan's TAEF2 (MIT), a distilled autoencoder for the latents of FLUX.2.
It teaches and is not shipped: training encodes photos with it, and its user fetches the two files
from the GitHub repository madebyollin/taesd. A module's number in the sequences below is its
number in those files, so that they load by name.
"""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError

CHANNELS = 64
LATENTS = 32
"""Channels of a latent picture."""

SHRINKAGE = 8
"""Pixels of a picture's side for each of its latents' side."""

ENCODER = "taef2_encoder.pth"
DECODER = "taef2_decoder.pth"

BOUND = 3.0  # of the latents that are decoded, which larger ones approach
GROUPS = 4


class Encoder(nn.Sequential):
    """Pictures (B, 3, H, W) in [0, 1] to latents (B, latents, H/8, W/8)."""

    def __init__(self, channels: int = CHANNELS, latents: int = LATENTS) -> None:
        layers: list[nn.Module] = [_conv(3, channels), Block(channels)]
        for scale in range(3):
            layers.append(_conv(channels, channels, stride=2, bias=False))
            layers += [Block(channels, pooled=scale == 2) for _ in range(3)]
        super().__init__(*layers, _conv(channels, latents))


class Decoder(nn.Sequential):
    """Latents (B, latents, H/8, W/8) to pictures (B, 3, H, W), which may leave [0, 1]."""

    def __init__(self, channels: int = CHANNELS, latents: int = LATENTS) -> None:
        layers: list[nn.Module] = [Bounded(), _conv(latents, channels), nn.ReLU()]
        for scale in range(3):
            layers += [Block(channels, pooled=scale == 0) for _ in range(3)]
            layers += [nn.Upsample(scale_factor=2), _conv(channels, channels, bias=False)]
        super().__init__(*layers, Block(channels), _conv(channels, 3))


class Block(nn.Module):
    """Three convolutions around a shortcut, (B, channels, H, W) to the same shape.

    `pooled`: each channel is first told of the whole picture, by a group norm.
    """

    def __init__(self, channels: int, *, pooled: bool = False) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _conv(channels, channels),
            nn.ReLU(),
            _conv(channels, channels),
            nn.ReLU(),
            _conv(channels, channels),
        )
        wide = 4 * channels
        self.pool = (
            nn.Sequential(
                nn.Conv2d(channels, wide, 1, bias=False),
                nn.GroupNorm(GROUPS, wide),
                nn.ReLU(),
                nn.Conv2d(wide, channels, 1, bias=False),
            )
            if pooled
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Adds what the convolutions find."""
        if self.pool is not None:
            x = x + self.pool(x)
        return functional.relu(self.conv(x) + x)


class Bounded(nn.Module):
    """Latents drawn smoothly into (-BOUND, BOUND)."""

    def forward(self, latents: Tensor) -> Tensor:
        """The same shape."""
        return torch.tanh(latents / BOUND) * BOUND


class Autoencoder:
    """A frozen encoder and decoder, float32, that no gradient changes.

    Their weights lie channels last in memory, with which a CPU is fastest.
    """

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        self.encoder = _frozen(encoder)
        self.decoder = _frozen(decoder)

    @staticmethod
    def load(folder: Path) -> "Autoencoder":
        """Reads the published files, `taef2_encoder.pth` and `taef2_decoder.pth`.

        Raises InputError where one is missing, damaged, or of another network.
        """
        encoder, decoder = Encoder(), Decoder()
        for module, name in ((encoder, ENCODER), (decoder, DECODER)):
            _load(module, folder / name)
        return Autoencoder(encoder, decoder)

    def to(self, device: torch.device | str) -> "Autoencoder":
        """The autoencoder itself, moved to a device."""
        self.encoder.to(device)
        self.decoder.to(device)
        return self

    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) in [0, 1], sides multiples of 8, to latents (B, 32, H/8, W/8)."""
        return self.encoder(pictures.contiguous(memory_format=torch.channels_last))

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, 32, H/8, W/8) to pictures (B, 3, H, W) in [0, 1].

        Gradients pass to the latents.
        """
        return self.decoder(latents.contiguous(memory_format=torch.channels_last)).clamp(0, 1)


def _conv(inputs: int, outputs: int, *, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=bias)


def _frozen(module: nn.Module) -> nn.Module:
    module = module.to(torch.float32, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module.eval().requires_grad_(False)


def _load(module: nn.Module, path: Path) -> None:
    """Loads a published state dict, float16 or float32."""
    advice = f"expected TAEF2's {path.name} from the GitHub repository madebyollin/taesd"
    if not path.is_file():
        raise InputError(f"No autoencoder in '{path.parent}': {path.name} is missing; {advice}.")
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise InputError(
            f"The autoencoder's '{path}' is damaged or no file of weights "
            f"({type(error).__name__}); {advice}."
        ) from error
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    found = _shapes(state)
    if found != wanted:
        names = sorted(n for n in {*wanted, *found} if wanted.get(n) != found.get(n))
        name = names[0]
        raise InputError(
            f"The autoencoder's '{path}' is of another network: {len(names)} of its tensors "
            f"differ, the first is {name}, {found.get(name, 'missing')} and not "
            f"{wanted.get(name, 'there at all')}; {advice}."
        )
    module.load_state_dict(state)


def _shapes(state: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of a state dict's tensors; none of anything else."""
    if not isinstance(state, dict):
        return {}
    return {str(n): tuple(t.shape) for n, t in state.items() if isinstance(t, Tensor)}
