"""Generator and judges of FusedGAN (Bodla et al., ECCV 2018).

Noise becomes the structure prior M_s, which two heads draw: one of it alone, one beside a text.
Layers and parameter names are those of the known re-implementation, for the authors published no
code; its pictures have 128 pixels a side and as many layers as fit, so ours of 64 have one less.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.conditioning import Noised

SMALLEST = 4  # places a side where noise begins, and where judges end
SHARED = 8  # places a side of the structure prior
SLOPE = 0.2  # of the judges' leaky ReLUs


@dataclass(frozen=True)
class FusedGanConfig(TextConfig):
    """The numbers of the networks; those that are known of the re-implementation stand beside."""

    width: int = 56  # channels of the structure prior; each doubling halves them: 512
    judge_width: int = 16  # 64
    condition: int = 32  # numbers that a sentence is drawn to; as many as attributes are told
    noise: int = 32  # 128
    side: int = 64  # pixels of the pictures: 128
    slope: float = 0.2  # of the leaky ReLU of the augmentation: 0
    last_norm: bool = False  # whether judges have a batch norm before their last layer: true

    def __post_init__(self) -> None:
        if self.side <= SHARED or self.side & self.side - 1:
            raise ValueError(f"'side' is a power of two above {SHARED}, not {self.side}")
        if self.width >> halvings(self.side, SHARED) - 1 == 0:
            raise ValueError(f"a width of {self.width} is not halved down to {self.side} pixels")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "FusedGanConfig":
        """The same path, small enough for tests."""
        return FusedGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5)


class Drawn(NamedTuple):
    """The conditional branch's pictures, and the distribution of their conditions."""

    pictures: Tensor  # (B, 3, S, S) in [-1, 1]
    mean: Tensor  # (B, C)
    log_variance: Tensor  # (B, C)


class Structure(nn.Module):
    """G_s: noise to the structure prior M_s, what both branches share."""

    def __init__(self, config: FusedGanConfig) -> None:
        super().__init__()
        width = config.width
        self.fc = nn.Linear(config.noise, width * 2 * SMALLEST**2)
        self.bn1 = nn.BatchNorm1d(self.fc.out_features)
        self.conv1 = _doubling(width * 2, width)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, noise: Tensor) -> Tensor:
        """M_s (B, width, 8, 8) of noise (B, Z)."""
        small = self.bn1(self.fc(noise)).relu().unflatten(1, (-1, SMALLEST, SMALLEST))
        prior: Tensor = self.bn2(self.conv1(small)).relu()
        return prior


class Head(nn.Module):
    """A map of 8x8 places to a picture: conv1, bn1, conv2, ... (G_u)."""

    def __init__(self, config: FusedGanConfig, inputs: int) -> None:
        super().__init__()
        self._doublings, outputs = halvings(config.side, SHARED), config.width
        for number in range(1, self._doublings + 1):
            outputs = 3 if number == self._doublings else outputs // 2
            self.add_module(f"conv{number}", _doubling(inputs, outputs))
            if number < self._doublings:
                self.add_module(f"bn{number}", nn.BatchNorm2d(outputs))
            inputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        """Pictures (B, 3, S, S) in [-1, 1] of maps (B, inputs, 8, 8)."""
        for number in range(1, self._doublings):
            x = self.get_submodule(f"bn{number}")(self.get_submodule(f"conv{number}")(x)).relu()
        picture: Tensor = self.get_submodule(f"conv{self._doublings}")(x).tanh()
        return picture


class ConditionalHead(Head):
    """M_s and a sentence to a picture, through conditioning augmentation (G_c)."""

    def __init__(self, config: FusedGanConfig) -> None:
        super().__init__(config, config.width + config.condition)
        fc = nn.Linear(config.text, config.condition * 2)
        self.condition_embedding = nn.ModuleDict({"fc": fc})
        self.slope = config.slope

    def forward(  # type: ignore[override]
        self, prior: Tensor, sentence: Tensor, variation: Tensor
    ) -> Drawn:
        """Draws M_s (B, width, 8, 8) beside sentences (B, D) and variations (B, C) of them."""
        fc = self.condition_embedding["fc"]
        mean, log_variance = functional.leaky_relu(fc(sentence), self.slope).chunk(2, 1)
        condition = mean + (log_variance / 2).exp() * variation
        told = condition[..., None, None].expand(-1, -1, *prior.shape[2:])
        return Drawn(super().forward(torch.cat([prior, told], 1)), mean, log_variance)


class Generator(Noised):
    """Both branches over one structure prior."""

    def __init__(self, config: FusedGanConfig) -> None:
        super().__init__()
        self.config = config
        self.fused_block = Structure(config)
        self.uncondition_generator = Head(config, config.width)
        self.condition_generator = ConditionalHead(config)

    def forward(
        self, noise: Tensor, sentence: Tensor | None = None, variation: Tensor | None = None
    ) -> Drawn | Tensor:
        """What one branch draws of noise (B, Z).

        Without a sentence pictures (B, 3, S, S) of the structure alone; with sentences (B, D) and
        variations (B, C) of their conditions, theirs.
        """
        prior = self.fused_block(noise)
        if sentence is None:
            pictures: Tensor = self.uncondition_generator(prior)
            return pictures
        drawn: Drawn = self.condition_generator(prior, sentence, variation)
        return drawn


class Judge(nn.Module):
    """Is a picture real? One that is `told` sees the sentence beside the map of 8x8 places.

    As the re-implementation's sees attributes: what is told itself, not the condition of it.
    """

    def __init__(self, config: FusedGanConfig, *, told: bool) -> None:
        super().__init__()
        self._halvings, inputs = halvings(config.side), 3
        for number in range(1, self._halvings + 1):
            outputs, last = config.judge_width << number - 1, number == self._halvings
            inputs += config.text if told and last else 0
            self.add_module(f"conv{number}", nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False))
            if number > 1 and (config.last_norm or not last):
                self.add_module(f"bn{number}", nn.BatchNorm2d(outputs))
            inputs = outputs
        self.add_module(f"conv{self._halvings + 1}", nn.Conv2d(inputs, 1, SMALLEST, bias=False))

    def forward(self, pictures: Tensor, sentence: Tensor | None = None) -> Tensor:
        """Logits (B,) of pictures (B, 3, S, S) in [-1, 1], beside sentences (B, D) if told."""
        x, parts = pictures, dict(self.named_children())
        for number in range(1, self._halvings + 1):
            if sentence is not None and number == self._halvings:
                x = torch.cat([x, sentence[..., None, None].expand(-1, -1, *x.shape[2:])], 1)
            x = parts[f"conv{number}"](x)
            if f"bn{number}" in parts:
                x = parts[f"bn{number}"](x)
            x = functional.leaky_relu(x, SLOPE)
        logits: Tensor = parts[f"conv{self._halvings + 1}"](x)
        return logits.flatten()


def halvings(side: int, smallest: int = SMALLEST) -> int:
    """How often a side is halved."""
    return (side // smallest).bit_length() - 1


def _doubling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)
