"""A tiny PPAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.ppan.config import PpanConfig
from trecs.systems.ppan.generator import Generator
from trecs.systems.ppan.system import Ppan

CONFIG = PpanConfig.tiny(len(VOCABULARY))


def tiny_ppan() -> Ppan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = Ppan.networks_of(CONFIG)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variation = generator.draw_noise(4)
    settle_norms(generator, noise, torch.randn(4, CONFIG.text), variation)
    return Ppan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_ppan().save(folder)
