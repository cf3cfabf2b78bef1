"""DALL-E's discrete VAE (Ramesh et al., ICML 2021, section 2.1), as the authors released it.

Names of parameters are theirs (github.com/openai/DALL-E). Every tensor is a picture's map; the
picture is an eighth of its side as tokens, each one of K codes.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.dalle.config import DvaeConfig

CHANNELS = 3
GROWTH = (1, 2, 4, 8)  # of the groups' channels, in those of the first
LOOKING = (3, 3, 3, 1)  # kernels of a block's path in the encoder
DRAWING = (1, 3, 3, 3)  # in the decoder


class Convolution(nn.Module):
    """A convolution that keeps the side; weights begin as N(0, 1 / inputs), biases as 0."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        weight = torch.empty(outputs, inputs, kernel, kernel)
        self.w = nn.Parameter(nn.init.normal_(weight, std=(inputs * kernel**2) ** -0.5))
        self.b = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(B, I, H, W) -> (B, O, H, W)."""
        return functional.conv2d(x, self.w, self.b, padding=self.w.shape[-1] // 2)


class Block(nn.Module):
    """x + gain path(x), of four convolutions through a quarter of the channels."""

    def __init__(self, inputs: int, outputs: int, kernels: tuple[int, ...], gain: float) -> None:
        super().__init__()
        self._gain, inner = gain, outputs // 4
        widths = (inputs, inner, inner, inner, outputs)
        self.id_path = nn.Identity() if inputs == outputs else Convolution(inputs, outputs, 1)
        layers = OrderedDict[str, nn.Module]()
        for number, kernel in enumerate(kernels, 1):
            layers[f"relu_{number}"] = nn.ReLU()
            layers[f"conv_{number}"] = Convolution(widths[number - 1], widths[number], kernel)
        self.res_path = nn.Sequential(layers)

    def forward(self, x: Tensor) -> Tensor:
        """(B, I, H, W) -> (B, O, H, W)."""
        added: Tensor = self.id_path(x) + self._gain * self.res_path(x)
        return added


class Encoder(nn.Module):
    """Pictures to logits of their tokens."""

    def __init__(self, config: DvaeConfig) -> None:
        super().__init__()
        widths = [config.looking * growth for growth in GROWTH]
        self.blocks = nn.Sequential(OrderedDict([
            ("input", Convolution(CHANNELS, widths[0], 7)),
            *_groups([widths[0], *widths], config.blocks, LOOKING, ("pool", nn.MaxPool2d(2))),
            ("output", _output(widths[-1], config.codes)),
        ]))  # fmt: skip

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, K, S / 8, S / 8) of `mapped` pictures (B, 3, S, S)."""
        logits: Tensor = self.blocks(pictures)
        return logits

    def tokens(self, pictures: Tensor) -> Tensor:
        """The likeliest codes (B, S / 8, S / 8) int64 of `mapped` pictures."""
        return self(pictures).argmax(1)


class Decoder(nn.Module):
    """Tokens to the distribution of a picture's values."""

    def __init__(self, config: DvaeConfig) -> None:
        super().__init__()
        self.codes = config.codes
        widths = [config.hidden * growth for growth in reversed(GROWTH)]
        upsampled = ("upsample", nn.Upsample(scale_factor=2, mode="nearest"))
        self.blocks = nn.Sequential(OrderedDict([
            ("input", Convolution(config.codes, config.first, 1)),
            *_groups([config.first, *widths], config.blocks, DRAWING, upsampled),
            ("output", _output(widths[-1], 2 * CHANNELS)),
        ]))  # fmt: skip

    def forward(self, codes: Tensor) -> Tensor:
        """Means and log scales (B, 6, 8 H, 8 W) of shares of the codes (B, K, H, W)."""
        distribution: Tensor = self.blocks(codes)
        return distribution

    def pictures(self, tokens: Tensor) -> Tensor:
        """Pictures (B, 3, 8 H, 8 W) in [-1, 1] of tokens (B, H, W) int64."""
        shares = functional.one_hot(tokens, self.codes).permute(0, 3, 1, 2).float()
        return unmapped(self(shares))


def mapped(pictures: Tensor) -> Tensor:
    """Pictures in [-1, 1] in [0.1, 0.9], whose logits are finite (appendix A.3)."""
    return 0.4 * pictures + 0.5


def unmapped(distribution: Tensor) -> Tensor:
    """The pictures in [-1, 1] of what the decoder gives, (B, 6, S, S)."""
    return ((distribution[:, :CHANNELS].sigmoid() - 0.5) / 0.4).clamp(-1, 1)


def _groups(
    widths: list[int], blocks: int, kernels: tuple[int, ...], between: tuple[str, nn.Module]
) -> list[tuple[str, nn.Module]]:
    """The four groups; between them the side changes."""
    gain, groups = 1 / (len(GROWTH) * blocks) ** 2, list[tuple[str, nn.Module]]()
    for number in range(1, len(widths)):
        layers = OrderedDict[str, nn.Module]()
        for block in range(1, blocks + 1):
            inputs = widths[number - 1] if block == 1 else widths[number]
            layers[f"block_{block}"] = Block(inputs, widths[number], kernels, gain)
        if number < len(GROWTH):
            layers.update([between])
        groups.append((f"group_{number}", nn.Sequential(layers)))
    return groups


def _output(inputs: int, outputs: int) -> nn.Sequential:
    layers = OrderedDict[str, nn.Module](relu=nn.ReLU(), conv=Convolution(inputs, outputs, 1))
    return nn.Sequential(layers)
