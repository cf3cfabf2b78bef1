"""A tiny GAWWN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.gawwn.network import GawwnConfig
from trecs.systems.gawwn.system import Gawwn

CONFIG = GawwnConfig.tiny(len(VOCABULARY))


def tiny_gawwn() -> Gawwn:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = Gawwn.networks_of(CONFIG)
    maps = (torch.rand(4, CONFIG.kinds, 16, 16) > 0.9).float()
    settle_norms(
        networks.generator, torch.randn(4, CONFIG.noise), torch.randn(4, CONFIG.text), maps
    )
    return Gawwn(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_gawwn().save(folder)
