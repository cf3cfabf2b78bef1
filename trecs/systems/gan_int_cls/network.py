"""Generator and judge of GAN-INT-CLS (Reed et al., ICML 2016, section 4.1).

A DCGAN beside a vector of the sentence, with the bottleneck residual blocks that the paper leaves
out and the authors' code has (main_cls_int.lua); layers stand in its order. Its convolutions have
biases that every step sets to zero, so ours have none.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from trecs.systems.parts.caption_system import TextConfig

SLOPE = 0.2  # of the leaky ReLUs


@dataclass(frozen=True)
class GanIntClsConfig(TextConfig):
    """The numbers of the networks; the authors' names of them, and what they take, beside."""

    side: ClassVar[int] = 64  # pixels of the pictures
    width: int = 16  # ngf: 128, COCO 196
    judge_width: int = 24  # ndf: 64, COCO 196
    noise: int = 32  # nz: 100
    features: int = 32  # nt: numbers that a sentence is drawn to: 128

    @staticmethod
    def tiny(vocabulary: int = 12) -> "GanIntClsConfig":
        """The same path, small enough for tests."""
        return GanIntClsConfig(vocabulary, 6, 8, 6, width=2, judge_width=2, noise=5, features=3)


class Residual(nn.Module):
    """x + conv(x), through a bottleneck of fewer channels; the judge's are `leaky`."""

    def __init__(self, channels: int, narrow: int, leaky: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels, narrow, 1, bias=False),
            nn.BatchNorm2d(narrow),
            nn.LeakyReLU(leaky),
            nn.Conv2d(narrow, narrow, 3, padding=1, bias=False),
            nn.BatchNorm2d(narrow),
            nn.LeakyReLU(leaky),
            nn.Conv2d(narrow, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, H, W) to the same."""
        result: Tensor = x + self.conv(x)
        return result


class Generator(nn.Module):
    """Noise and a sentence to a picture, x = G(z, phi(t))."""

    def __init__(self, config: GanIntClsConfig) -> None:
        super().__init__()
        width, self.noise = config.width, config.noise
        told = nn.Linear(config.text, config.features)
        self.fcG = nn.Sequential(told, nn.LeakyReLU(SLOPE))
        self.net = nn.Sequential(
            nn.ConvTranspose2d(config.noise + config.features, width * 8, 4, bias=False),
            nn.BatchNorm2d(width * 8),
            Residual(width * 8, width * 2),
            nn.ReLU(),
            *_doubled(width * 8, width * 4),
            Residual(width * 4, width),
            nn.ReLU(),
            *_doubled(width * 4, width * 2),
            nn.ReLU(),
            *_doubled(width * 2, width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, noise: Tensor, sentence: Tensor) -> Tensor:
        """Pictures (B, 3, 64, 64) in [-1, 1] of noise (B, Z) and sentences (B, D)."""
        code = torch.cat([noise, self.fcG(sentence)], 1)[..., None, None]
        pictures: Tensor = self.net(code)
        return pictures


class Judge(nn.Module):
    """D(x, phi(t)): is a picture real and of this sentence?

    The authors' last layer is a sigmoid, which belongs to the losses here.
    """

    def __init__(self, config: GanIntClsConfig) -> None:
        super().__init__()
        width = config.judge_width
        self.convD = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1, bias=False),
            nn.LeakyReLU(SLOPE),
            *_halved(width, width * 2),
            nn.LeakyReLU(SLOPE),
            *_halved(width * 2, width * 4),
            *_halved(width * 4, width * 8),
            Residual(width * 8, width * 2, SLOPE),
            nn.LeakyReLU(SLOPE),
        )
        self.fcD = nn.Sequential(
            nn.Linear(config.text, config.features),
            nn.BatchNorm1d(config.features),
            nn.LeakyReLU(SLOPE),
        )
        self.joint = nn.Sequential(
            nn.Conv2d(width * 8 + config.features, width * 8, 1, bias=False),
            nn.BatchNorm2d(width * 8),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width * 8, 1, 4, bias=False),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, 8 width, 4, 4) of pictures (B, 3, 64, 64) in [-1, 1]."""
        code: Tensor = self.convD(pictures)
        return code

    def judge(self, code: Tensor, sentence: Tensor) -> Tensor:
        """Logits (B,) of codes beside sentences (B, D), whose features stand at every place."""
        told = self.fcD(sentence)[..., None, None].expand(-1, -1, *code.shape[2:])
        logits: Tensor = self.joint(torch.cat([code, told], 1))
        return logits.flatten()


def _doubled(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    convolution = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
    return convolution, nn.BatchNorm2d(outputs)


def _halved(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs)
