"""A tiny CI-GAN with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.cigan.config import CiGanConfig
from trecs.systems.cigan.network import CiGanNetworks
from trecs.systems.cigan.style import NOISE_RATE
from trecs.systems.cigan.system import CiGan
from trecs.trunks.efficientnet import EarlyTrunk

CONFIG = CiGanConfig.tiny(len(VOCABULARY))


@torch.no_grad()
def tiny_networks(config: CiGanConfig = CONFIG) -> CiGanNetworks:
    """Some whose noise counts, and that know what photos and codes are like."""
    torch.manual_seed(0)
    networks, eyes = CiGanNetworks(config), EarlyTrunk()
    settle_norms(eyes.train(), torch.rand(8, 3, 64, 64) * 2 - 1)
    networks.look_through(eyes)
    for name, value in networks.generator.named_parameters():
        if name.endswith("strength"):
            value.fill_(0.5 / NOISE_RATE)
    networks.measure_codes(torch.randn(64, config.code))
    return networks.eval().requires_grad_(False)


def tiny_cigan(config: CiGanConfig = CONFIG) -> CiGan:
    torch.manual_seed(0)
    networks = CiGan.networks_of(config)
    networks.generator = tiny_networks(config)
    return CiGan(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_cigan().save(folder)
