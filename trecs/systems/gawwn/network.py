"""Generator and judge of GAWWN (Reed et al., NIPS 2016, sections 4.1 and 4.2).

Both have a global path, of the picture as a whole, and a regional one, which is zero where nothing
was placed. Where things are is told by maps, one for each kind of them. Parameter names are those
of the known re-implementation, whose keypoints lie in such maps as our boxes do.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trecs.systems.gawwn.places import GRID, KINDS
from trecs.systems.parts.caption_system import TextConfig

SLOPE = 0.2  # of the leaky ReLUs


@dataclass(frozen=True)
class GawwnConfig(TextConfig):
    """The numbers of the networks; those that are known of the authors' stand beside."""

    width: int = 14  # ngf: 128
    judge_width: int = 24  # ndf: 64
    noise: int = 32  # 100
    features: int = 32  # of a text, in the judge: 128
    kinds: int = len(KINDS)  # maps of places: 15 parts of birds
    side: int = 64  # pixels of the pictures: 128

    def __post_init__(self) -> None:
        if self.side not in (64, 128):
            raise ValueError(f"pictures have 64 or 128 pixels a side, not {self.side}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "GawwnConfig":
        """The same path, small enough for tests."""
        return GawwnConfig(vocabulary, 6, 8, 6, width=2, judge_width=2, noise=5, features=3)


def gate(maps: Tensor) -> Tensor:
    """Where anything was placed, (B, 1, 16, 16) in [0, 1], of maps (B, P, 16, 16)."""
    return maps.sum(1, keepdim=True).clamp(0, 1)


class Told(nn.Module):
    """Noise and text beside each other, of equal width."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        self.prep_noise = nn.Linear(config.noise, config.width * 4)
        self.prep_txt = nn.Linear(config.text, config.width * 4)

    def forward(self, noise: Tensor, sentence: Tensor) -> Tensor:
        """(B, 8 width) of noise (B, Z) and sentences (B, D)."""
        return torch.cat([self.prep_noise(noise), self.prep_txt(sentence)], 1).relu()


class GlobalPath(nn.Module):
    """From what is told and where, as one vector, up to the grid."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width = config.width
        self.pre_loc = nn.Sequential(
            *_normed(nn.Conv2d(config.kinds, width, 4, 2, 1)),
            *_normed(nn.Conv2d(width, width * 2, 4, 2, 1)),
            *_normed(nn.Conv2d(width * 2, width * 4, 4)),
        )
        self.beforeCat = _features(width)
        self.upsampling_1 = _normed(nn.ConvTranspose2d(width * 8, width * 4, 4))
        self.upsampling_2 = _normed(nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1))
        self.upsampling_3 = _normed(nn.ConvTranspose2d(width * 2, width, 4, 2, 1))

    def forward(self, told: Tensor, maps: Tensor) -> Tensor:
        """(B, width, 16, 16) of (B, 8 width) and maps (B, P, 16, 16)."""
        where = self.pre_loc(maps)  # (B, 4 width, 1, 1)
        what = self.beforeCat(told)[..., None, None]
        small = self.upsampling_2(self.upsampling_1(torch.cat([what, where], 1)))
        features: Tensor = self.upsampling_3(small)
        return features


class RegionalPath(nn.Module):
    """What is told, at every place where something is."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width = config.width * 4
        self.before_replicate = _features(config.width)
        self.upsampling = _normed(nn.ConvTranspose2d(width, width, 3, 1, 1))

    def forward(self, told: Tensor, maps: Tensor) -> Tensor:
        """(B, 4 width, 16, 16) of (B, 8 width) and maps (B, P, 16, 16)."""
        features: Tensor = self.upsampling(self.before_replicate(told)[..., None, None]
                                           * gate(maps))  # fmt: skip
        return features


class Generator(nn.Module):
    """Noise, a sentence and places to a picture."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width, self.noise = config.width, config.noise
        self.F_noise_txt = Told(config)
        self.F_noise_txt_global = GlobalPath(config)
        self.F_noise_txt_region = RegionalPath(config)
        self.upsampling_1 = nn.Sequential(
            *_normed(nn.ConvTranspose2d(width * 5 + config.kinds, width * 4, 3, 1, 1)),
            nn.ConvTranspose2d(width * 4, width * 4, 3, 1, 1),
            nn.BatchNorm2d(width * 4),
        )
        self.conv = nn.Sequential(
            *_normed(nn.Conv2d(width * 4, width, 1)),
            *_normed(nn.Conv2d(width, width, 3, 1, 1)),
            nn.Conv2d(width, width * 4, 3, 1, 1),
            nn.BatchNorm2d(width * 4),
        )
        further: list[nn.Module] = []
        last = width * 2
        if config.side == 128:
            further = [*_normed(nn.ConvTranspose2d(width * 2, width, 4, 2, 1))]
            last = width
        self.upsampling_2 = nn.Sequential(
            nn.ReLU(),
            *_normed(nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1)),
            *further,
            nn.ConvTranspose2d(last, 3, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, noise: Tensor, sentence: Tensor, maps: Tensor) -> Tensor:
        """Pictures (B, 3, side, side) in [-1, 1] of noise (B, Z), (B, D) and (B, P, 16, 16)."""
        told = self.F_noise_txt(noise, sentence)
        paths = self.F_noise_txt_global(told, maps), self.F_noise_txt_region(told, maps)
        x = self.upsampling_1(torch.cat([*paths, maps], 1))
        pictures: Tensor = self.upsampling_2(x + self.conv(x))
        return pictures


class Judge(nn.Module):
    """Is a picture real, of this sentence, and are things where they were placed?

    The known code's last layer is a sigmoid, which belongs to the losses here.
    """

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width = config.judge_width
        self.prep_txtD = nn.Sequential(nn.Linear(config.text, config.features), nn.LeakyReLU(SLOPE))
        stride = 2 if config.side == 128 else 1  # so that the grid has 16 places a side
        self.imgGlobalD = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, width, 4, 2, 1) if stride == 2 else nn.Conv2d(width, width, 3, 1, 1),
            nn.LeakyReLU(SLOPE),
            *_judging(nn.Conv2d(width, width * 2, 4, 2, 1)),
            *_judging(nn.Conv2d(width * 2, width * 2, 3, 1, 1)),
        )
        self.F_regionD = RegionalJudge(config)
        self.F_globalD = GlobalJudge(config)
        self.judge = nn.Sequential(
            nn.Linear(width * 2, width),
            nn.BatchNorm1d(width),
            nn.LeakyReLU(SLOPE),
            nn.Linear(width, 1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, 2 width, 16, 16) of pictures (B, 3, side, side) in [-1, 1]."""
        code: Tensor = self.imgGlobalD(pictures)
        return code

    def paths(self, code: Tensor, sentence: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        """What both paths say of codes, sentences (B, D) and maps: (B, width) each."""
        told = self.prep_txtD(sentence)[..., None, None]
        return self.F_regionD(code, told, maps), self.F_globalD(code, told)

    def decide(self, code: Tensor, sentence: Tensor, maps: Tensor) -> Tensor:
        """Logits (B,) of codes, sentences (B, D) and maps (B, P, 16, 16)."""
        logits: Tensor = self.judge(torch.cat(self.paths(code, sentence, maps), 1))
        return logits.flatten()


class RegionalJudge(nn.Module):
    """Looks where something was placed, and nowhere else."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width = config.judge_width
        joint = _judging(nn.Conv2d(config.features + width * 2, width * 2, 3, 1, 1))
        self.F_KeyMulD = nn.ModuleDict({"conv": joint})
        self.conv = nn.Sequential(
            *_judging(nn.Conv2d(width * 2 + config.kinds, width * 2, 1)),
            nn.Conv2d(width * 2, width, 2),
        )

    def forward(self, code: Tensor, told: Tensor, maps: Tensor) -> Tensor:
        """(B, width): the mean over all places."""
        joint = torch.cat([code, told.expand(-1, -1, GRID, GRID)], 1)
        placed = self.F_KeyMulD["conv"](joint) * gate(maps)
        seen: Tensor = self.conv(torch.cat([placed, maps], 1)).mean((2, 3))
        return nn.functional.leaky_relu(seen, SLOPE)


class GlobalJudge(nn.Module):
    """Looks at the picture as a whole."""

    def __init__(self, config: GawwnConfig) -> None:
        super().__init__()
        width = config.judge_width
        self.convGlobal = nn.Sequential(
            *_judging(nn.Conv2d(width * 2, width * 4, 4, 2, 1)),
            *_judging(nn.Conv2d(width * 4, width * 8, 4, 2, 1)),
        )
        self.conv = nn.Sequential(
            *_judging(nn.Conv2d(width * 8 + config.features, width * 4, 1)),
            *_judging(nn.Conv2d(width * 4, width, 4)),
        )

    def forward(self, code: Tensor, told: Tensor) -> Tensor:
        """(B, width)."""
        small = self.convGlobal(code)  # (B, 8 width, 4, 4)
        joint = torch.cat([small, told.expand(-1, -1, *small.shape[2:])], 1)
        seen: Tensor = self.conv(joint)
        return seen.flatten(1)


def _normed(convolution: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU())


def _judging(convolution: nn.Conv2d) -> nn.Sequential:
    norm = nn.BatchNorm2d(convolution.out_channels)
    return nn.Sequential(convolution, norm, nn.LeakyReLU(SLOPE))


def _features(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width * 8, width * 4), nn.BatchNorm1d(width * 4), nn.ReLU())
