"""A tiny HDGAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Generator
from trecs.systems.hdgan.system import HdGan

CONFIG = HdGanConfig.tiny(len(VOCABULARY))


def tiny_hdgan() -> HdGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = HdGan.networks_of(CONFIG)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variation = generator.draw_noise(4)
    settle_norms(generator, noise, torch.randn(4, CONFIG.text), variation)
    return HdGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_hdgan().save(folder)
