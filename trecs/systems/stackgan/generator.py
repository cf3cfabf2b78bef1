"""StackGAN's generator: two stages (Zhang et al., ICCV 2017, sections 3.2 to 3.4).

Layers and parameter names are those of the authors' PyTorch code.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.stackgan.config import SMALLEST, StackGanConfig, halvings


class Drawn(NamedTuple):
    """A stage's pictures, and the distribution of its conditions."""

    pictures: Tensor  # (B, 3, S, S) in [-1, 1]
    mean: Tensor  # (B, C)
    log_variance: Tensor  # (B, C)


class Augmentation(nn.Module):
    """Conditioning augmentation: a sentence to a normal distribution (section 3.2, CA_NET)."""

    def __init__(self, config: StackGanConfig) -> None:
        super().__init__()
        self.fc = nn.Linear(config.text, config.condition * 2)
        self._leaky = nn.LeakyReLU(config.slope)

    def forward(self, sentence: Tensor, variation: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Conditions mu + sigma * variation, mu and log sigma^2, (B, C) each."""
        mean, log_variance = self._leaky(self.fc(sentence)).chunk(2, 1)
        return mean + (log_variance / 2).exp() * variation, mean, log_variance


class FirstStage(nn.Module):
    """Shape and colours, of noise and conditions (section 3.3, STAGE1_G)."""

    def __init__(self, config: StackGanConfig) -> None:
        super().__init__()
        width, places = config.width * 8, SMALLEST**2
        self.ca_net = Augmentation(config)
        self.fc = nn.Sequential(
            nn.Linear(config.noise + config.condition, width * places, bias=False),
            nn.BatchNorm1d(width * places),
            nn.ReLU(),
        )
        self._doublings = halvings(config.small)
        last = _add_doublings(self, width, self._doublings, config.least)
        self.img = _picture(last)

    def forward(self, noise: Tensor, sentence: Tensor, variation: Tensor) -> Drawn:
        """Draws with noise (B, Z), sentences (B, D) and variations (B, C) of the conditions."""
        condition, mean, log_variance = self.ca_net(sentence, variation)
        small = self.fc(torch.cat([noise, condition], 1)).unflatten(1, (-1, SMALLEST, SMALLEST))
        return Drawn(self.img(_doubled(self, small, self._doublings)), mean, log_variance)


class Residual(nn.Module):
    """relu(x + block(x)) (ResBlock)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            *_normalised(channels, channels),
            nn.ReLU(),
            *_normalised(channels, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, H, W) to the same."""
        result: Tensor = (x + self.block(x)).relu()
        return result


class Generator(nn.Module):
    """Both stages: the second corrects and details a first picture (section 3.4, STAGE2_G)."""

    def __init__(self, config: StackGanConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.STAGE1_G = FirstStage(config)
        self.ca_net = Augmentation(config)
        self.encoder = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1, bias=False),
            nn.ReLU(),
            *(nn.Conv2d(width, width * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 2)),
            nn.ReLU(),
            *(nn.Conv2d(width * 2, width * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 4)),
            nn.ReLU(),
        )
        self.hr_joint = nn.Sequential(
            *_normalised(width * 4 + config.condition, width * 4), nn.ReLU()
        )
        self.residual = nn.Sequential(*(Residual(width * 4) for _ in range(config.blocks)))
        self._doublings = halvings(config.side, config.small // 4)
        last = _add_doublings(self, width * 4, self._doublings, config.least)
        self.img = _picture(last)

    def forward(
        self, noise: Tensor, sentence: Tensor, variations: Tensor, stages: int | None = None
    ) -> list[Drawn]:
        """Draws with noise (B, Z), sentences (B, D) and variations (2, B, C).

        `stages`: how many draw; those that have been trained, unless told.
        """
        first = self.STAGE1_G(noise, sentence, variations[0])
        if (stages or self.config.stages) == 1:
            return [first]
        condition, mean, log_variance = self.ca_net(sentence, variations[1])
        seen = self.encoder(first.pictures.detach())
        told = condition[..., None, None].expand(-1, -1, *seen.shape[2:])
        x = self.residual(self.hr_joint(torch.cat([seen, told], 1)))
        return [first, Drawn(self.img(_doubled(self, x, self._doublings)), mean, log_variance)]

    def draw_noise(
        self, batch: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Noise (B, Z) and both stages' variations (2, B, C), on the CPU."""
        config = self.config
        noise = torch.randn(batch, config.noise, generator=generator)
        return noise, torch.randn(2, batch, config.condition, generator=generator)


def _add_doublings(stage: nn.Module, inputs: int, count: int, least: int) -> int:
    """Adds upsample1, upsample2, ..., each of half the channels; returns how many remain."""
    for number in range(1, count + 1):
        outputs = max(inputs // 2, least)
        doubling = nn.Sequential(nn.Upsample(scale_factor=2), *_normalised(inputs, outputs))
        doubling.append(nn.ReLU())
        stage.add_module(f"upsample{number}", doubling)
        inputs = outputs
    return inputs


def _doubled(stage: nn.Module, x: Tensor, count: int) -> Tensor:
    for number in range(1, count + 1):
        x = stage.get_submodule(f"upsample{number}")(x)
    return x


def _normalised(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)


def _picture(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, 3, 3, padding=1, bias=False), nn.Tanh())
