"""A tiny SD-GAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.sdgan.config import SdGanConfig
from trecs.systems.sdgan.generator import Generator
from trecs.systems.sdgan.system import SdGan

CONFIG = SdGanConfig.tiny(len(VOCABULARY))


def told(batch: int = 2, words: int = 5) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sentences (B, D), words (B, D, T) and their padding (B, T): each caption one word shorter."""
    padding = torch.arange(words) >= words - torch.arange(batch)[:, None]
    return torch.randn(batch, CONFIG.text), torch.randn(batch, CONFIG.text, words), padding


def tiny_sdgan(config: SdGanConfig = CONFIG) -> SdGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = SdGan.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    settle_norms(generator, *generator.draw_noise(4), *told(4))
    return SdGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_sdgan().save(folder)
