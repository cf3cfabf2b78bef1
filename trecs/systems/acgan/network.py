"""Generator and judge of AC-GAN (Odena, Olah, Shlens, ICML 2017, appendix A).

Layers and parameter names are those of the best-known re-implementation, which follows the
appendix: those of ImageNet with 128 pixels, of CIFAR-10 with 32, and with 64 the latter, whose
generator has one layer more.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.parts.caption_system import TextConfig

SLOPE = 0.2  # of the leaky ReLUs
STRIDES = (2, 1, 2, 1, 2, 1)  # of the judge's convolutions

GROWING = {
    32: ((4, 1, 0), *[(4, 2, 1)] * 3),
    64: ((4, 1, 0), *[(4, 2, 1)] * 4),
    128: (*[(5, 2, 0)] * 4, (8, 2, 0)),
}
"""Kernel, stride and padding of the generator's layers, by the side of the pictures."""


@dataclass(frozen=True)
class AcGanConfig(TextConfig):
    """The numbers of the networks; those of the paper at 128 pixels stand beside.

    A class is told as a text of one word, by a one-hot code: `text` is the number of classes.
    """

    vocabulary: int = 51  # classes, and the mark of an end
    embedding: int = 1  # none
    text: int = 50  # 10
    words: int = 1
    noise: int = 32  # 100
    widths: tuple[int, ...] = (160, 128, 96, 64, 32)  # 768, 384, 256, 192, 64
    judge_widths: tuple[int, ...] = (16, 24, 48, 64, 96, 128)  # 16, 32, 64, 128, 256, 512
    dropout: float = 0.0  # in the judge: 0.5
    side: int = 64  # pixels of the pictures: 128

    def __post_init__(self) -> None:
        if self.side not in GROWING:
            raise ValueError(f"pictures have 32, 64 or 128 pixels a side, not {self.side}")
        if (len(self.widths), len(self.judge_widths)) != (len(GROWING[self.side]), len(STRIDES)):
            raise ValueError("there must be a width for each layer")

    @staticmethod
    def tiny(classes: int = 11) -> "AcGanConfig":
        """The same path, small enough for tests."""
        widths, judge_widths = (6, 5, 4, 3, 2), (2, 2, 3, 3, 4, 4)
        return AcGanConfig(classes + 1, text=classes, noise=5, widths=widths,
                           judge_widths=judge_widths)  # fmt: skip


class OneHot(nn.Module):
    """Reads a class as other systems read a sentence; nothing is learnt."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, numbers: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """One-hot codes (B, C, 1) and (B, C) of numbers (B, 1) int64 from 1 to C."""
        codes = functional.one_hot(numbers - 1, self.classes).float()  # (B, 1, C)
        return codes.transpose(1, 2), codes[:, 0]


class Generator(nn.Module):
    """Noise and a class to a picture, X = G(c, z)."""

    def __init__(self, config: AcGanConfig) -> None:
        super().__init__()
        self.noise, (first, *others) = config.noise, config.widths
        self.fc1 = nn.Linear(config.text + config.noise, first)
        *inner, last = GROWING[config.side]
        for number, (layer, inputs, outputs) in enumerate(
            zip(inner, config.widths, others, strict=False), 2
        ):
            growing = nn.ConvTranspose2d(inputs, outputs, *layer, bias=False)
            self.add_module(
                f"tconv{number}", nn.Sequential(growing, nn.BatchNorm2d(outputs), nn.ReLU())
            )
        drawn = nn.ConvTranspose2d(config.widths[-1], 3, *last, bias=False)
        self.add_module(f"tconv{len(inner) + 2}", nn.Sequential(drawn, nn.Tanh()))

    def forward(self, noise: Tensor, classes: Tensor) -> Tensor:
        """Pictures (B, 3, side, side) in [-1, 1] of noise (B, Z) and one-hot classes (B, C)."""
        x = self.fc1(torch.cat([classes, noise], 1))[..., None, None]
        for name, layer in self.named_children():
            if name.startswith("tconv"):
                x = layer(x)
        pictures: Tensor = x
        return pictures


class Judge(nn.Module):
    """P(S | X) and P(C | X): is a picture real, and of which class is it?

    The last layers' sigmoid and softmax belong to the losses here.
    """

    def __init__(self, config: AcGanConfig) -> None:
        super().__init__()
        side, inputs = config.side, 3
        for number, (outputs, stride) in enumerate(
            zip(config.judge_widths, STRIDES, strict=True), 1
        ):
            padding = 1 if stride == 2 or config.side < 128 else 0
            self.add_module(
                f"conv{number}",
                nn.Sequential(
                    nn.Conv2d(inputs, outputs, 3, stride, padding, bias=False),
                    *([nn.BatchNorm2d(outputs)] if number > 1 else []),
                    nn.LeakyReLU(SLOPE),
                    nn.Dropout(config.dropout),
                ),
            )
            side, inputs = (side + 2 * padding - 3) // stride + 1, outputs
        self.fc_dis = nn.Linear(side**2 * inputs, 1)
        self.fc_aux = nn.Linear(side**2 * inputs, config.text)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B,) and class logits (B, C) of pictures (B, 3, side, side) in [-1, 1]."""
        for name, layer in self.named_children():
            if name.startswith("conv"):
                pictures = layer(pictures)
        code = pictures.flatten(1)
        return self.fc_dis(code)[:, 0], self.fc_aux(code)
