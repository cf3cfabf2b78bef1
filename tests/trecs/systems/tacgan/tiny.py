"""A tiny TAC-GAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.tacgan.network import TacGanConfig
from trecs.systems.tacgan.system import TacGan, uniform

CONFIG = TacGanConfig.tiny(len(VOCABULARY))


def tiny_tacgan() -> TacGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = TacGan.networks_of(CONFIG)
    noise, sentences = uniform(torch.rand(4, CONFIG.noise)), torch.randn(4, CONFIG.text)
    settle_norms(networks.generator, noise, sentences)
    return TacGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_tacgan().save(folder)
