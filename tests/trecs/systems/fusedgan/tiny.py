"""A tiny FusedGAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.fusedgan.network import FusedGanConfig, Generator
from trecs.systems.fusedgan.system import FusedGan

CONFIG = FusedGanConfig.tiny(len(VOCABULARY))


def tiny_fusedgan(config: FusedGanConfig = CONFIG) -> FusedGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = FusedGan.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variation = generator.draw_noise(4)
    settle_norms(generator, noise)
    settle_norms(generator, noise, torch.randn(4, config.text), variation)
    return FusedGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_fusedgan().save(folder)
