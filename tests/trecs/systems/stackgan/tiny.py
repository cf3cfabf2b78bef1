"""A tiny StackGAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.stackgan.config import StackGanConfig
from trecs.systems.stackgan.generator import Generator
from trecs.systems.stackgan.system import StackGan

CONFIG = StackGanConfig.tiny(len(VOCABULARY))


def tiny_stackgan(config: StackGanConfig = CONFIG) -> StackGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = StackGan.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variations = generator.draw_noise(4)
    settle_norms(generator, noise, torch.randn(4, config.text), variations)
    return StackGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_stackgan().save(folder)
