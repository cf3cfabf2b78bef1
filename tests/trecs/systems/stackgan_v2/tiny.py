"""A tiny StackGAN-v2 with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.stackgan_v2.config import StackGanV2Config
from trecs.systems.stackgan_v2.generator import Generator
from trecs.systems.stackgan_v2.system import StackGanV2

CONFIG = StackGanV2Config.tiny(len(VOCABULARY))


def tiny_stackgan_v2(config: StackGanV2Config = CONFIG) -> StackGanV2:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = StackGanV2.networks_of(config)
    generator = networks.generator
    assert isinstance(generator, Generator)
    noise, variation = generator.draw_noise(4)
    settle_norms(generator, noise, torch.randn(4, config.text), variation)
    return StackGanV2(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_stackgan_v2().save(folder)
