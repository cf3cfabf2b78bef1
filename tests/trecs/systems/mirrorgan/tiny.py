"""A tiny MirrorGAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Generator
from trecs.systems.mirrorgan.system import MirrorGan

CONFIG = MirrorGanConfig.tiny(len(VOCABULARY))


def tiny_mirrorgan(config: MirrorGanConfig = CONFIG) -> MirrorGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = MirrorGan.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variation = generator.draw_noise(4)
    words, padding = torch.randn(4, config.text, 3), torch.zeros(4, 3, dtype=torch.bool)
    settle_norms(generator, noise, variation, torch.randn(4, config.text), words, padding)
    return MirrorGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_mirrorgan().save(folder)
