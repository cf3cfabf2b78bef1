"""A tiny PPGN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.ppgn.config import PpgnConfig
from trecs.systems.ppgn.network import PlugAndPlay
from trecs.systems.ppgn.system import Ppgn

CONFIG = PpgnConfig.tiny(len(VOCABULARY))


@torch.no_grad()
def tiny_ppgn(config: PpgnConfig = CONFIG) -> Ppgn:
    """One whose norms and codes know the statistics."""
    torch.manual_seed(0)
    networks = Ppgn.networks_of(config)
    parts = networks.generator
    assert isinstance(parts, PlugAndPlay)
    pictures = torch.rand(8, 3, config.side, config.side) * 2 - 1
    settle_norms(parts.recogniser.lower, pictures)
    seen = parts.recogniser.lower.eval()(pictures)
    settle_norms(parts.recogniser.upper, seen)
    parts.recogniser.find_components(seen)
    parts.recogniser.bank.normal_()
    return Ppgn(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_ppgn().save(folder)
