"""Generator and judge of TAC-GAN (Dash et al., 2017).

Layers stand in the order of the authors' code, whose convolutions pad as TensorFlow does and whose
batch norms have no scale; ours have one.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.parts.caption_system import TextConfig

SLOPE = 0.2  # of the leaky ReLUs
EPSILON = 1e-3  # of the batch norms
PADDING = (1, 2, 1, 2)  # left, right, top, bottom: TensorFlow's for five steps of two
HALVINGS = 4


@dataclass(frozen=True)
class TacGanConfig(TextConfig):
    """The numbers of the networks; the authors' names of them, and what they take, beside."""

    width: int = 12  # gf_dim: 64
    judge_width: int = 24  # df_dim: 64
    noise: int = 32  # z_dim: 100
    features: int = 32  # t_dim: numbers that a sentence is drawn to: 100
    side: int = 64  # pixels of the pictures: 128

    def __post_init__(self) -> None:
        if self.side <= 0 or self.side % 2**HALVINGS:
            raise ValueError(f"pictures have a multiple of 16 pixels a side, not {self.side}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "TacGanConfig":
        """The same path, small enough for tests."""
        return TacGanConfig(vocabulary, 6, 8, 6, width=2, judge_width=2, noise=5, features=3)

    @property
    def smallest(self) -> int:
        """Places a side of the smallest map: 8."""
        return self.side // 2**HALVINGS


class Doubling(nn.ConvTranspose2d):
    """Twice the side: a transposed convolution of 5x5 in steps of two."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 5, 2, 1)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Maps (B, inputs, H, W) to (B, outputs, 2 H, 2 W)."""
        return super().forward(x)[..., :-1, :-1]


class Halving(nn.Conv2d):
    """Half the side: a convolution of 5x5 in steps of two."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 5, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, 2 H, 2 W) to (B, outputs, H, W)."""
        return super().forward(functional.pad(x, PADDING))


class Generator(nn.Module):
    """Noise and a sentence to a picture; the class is the judge's alone."""

    def __init__(self, config: TacGanConfig) -> None:
        super().__init__()
        width, self.noise, self._smallest = config.width, config.noise, config.smallest
        self.told = _told(config)
        self.lin = nn.Linear(
            config.noise + config.features, width * 8 * config.smallest * config.smallest
        )
        self.net = nn.Sequential(
            _norm(width * 8),
            nn.ReLU(),
            *(Doubling(width * 8, width * 4), _norm(width * 4), nn.ReLU()),
            *(Doubling(width * 4, width * 2), _norm(width * 2), nn.ReLU()),
            *(Doubling(width * 2, width), _norm(width), nn.ReLU()),
            Doubling(width, 3),
            nn.Tanh(),
        )

    def forward(self, noise: Tensor, sentence: Tensor) -> Tensor:
        """Pictures (B, 3, side, side) in [-1, 1] of noise (B, Z) and sentences (B, D)."""
        small = self.lin(torch.cat([noise, self.told(sentence)], 1))
        pictures: Tensor = self.net(small.unflatten(1, (-1, self._smallest, self._smallest)))
        return pictures


class Judge(nn.Module):
    """Is a picture real and of this sentence, and of which class is it?

    The last layers' sigmoids belong to the losses here.
    """

    def __init__(self, config: TacGanConfig, classes: int) -> None:
        super().__init__()
        width = config.judge_width
        leaky = nn.LeakyReLU(SLOPE)
        self.net = nn.Sequential(
            *(Halving(3, width), leaky),
            *(Halving(width, width * 2), _norm(width * 2), leaky),
            *(Halving(width * 2, width * 4), _norm(width * 4), leaky),
            *(Halving(width * 4, width * 8), _norm(width * 8), leaky),
        )
        self.told = _told(config)
        self.joint = nn.Sequential(
            nn.Conv2d(width * 8 + config.features, width * 8, 1), _norm(width * 8), leaky
        )
        flat = width * 8 * config.smallest**2
        self.source, self.classes = nn.Linear(flat, 1), nn.Linear(flat, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, 8 width, side / 16, side / 16) of pictures (B, 3, side, side).

        Those are in [-1, 1]; the authors' are in [0, 1].
        """
        code: Tensor = self.net(pictures / 2 + 0.5)
        return code

    def judge(self, code: Tensor, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B,) and class logits (B, C) of codes beside sentences (B, D)."""
        told = self.told(sentence)[..., None, None].expand(-1, -1, *code.shape[2:])
        joint = self.joint(torch.cat([code, told], 1)).flatten(1)
        return self.source(joint)[:, 0], self.classes(joint)


def _told(config: TacGanConfig) -> nn.Sequential:
    return nn.Sequential(nn.Linear(config.text, config.features), nn.LeakyReLU(SLOPE))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=EPSILON)
