"""A tiny ControlGAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.controlgan.config import ControlGanConfig
from trecs.systems.controlgan.generator import Generator
from trecs.systems.controlgan.system import ControlGan

CONFIG = ControlGanConfig.tiny(len(VOCABULARY))


def told(batch: int = 2, words: int = 5) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Sentences (B, D), words (B, D, T) and their padding (B, T): each caption one word shorter."""
    padding = torch.arange(words) >= words - torch.arange(batch)[:, None]
    return torch.randn(batch, CONFIG.text), torch.randn(batch, CONFIG.text, words), padding


def tiny_controlgan(config: ControlGanConfig = CONFIG) -> ControlGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = ControlGan.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    settle_norms(generator, *generator.draw_noise(4), *told(4))
    return ControlGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_controlgan().save(folder)
