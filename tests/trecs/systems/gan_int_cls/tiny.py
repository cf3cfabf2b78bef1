"""A tiny GAN-INT-CLS with random weights."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.gan_int_cls.network import GanIntClsConfig
from trecs.systems.gan_int_cls.system import GanIntCls

CONFIG = GanIntClsConfig.tiny(len(VOCABULARY))


def tiny_gan_int_cls() -> GanIntCls:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = GanIntCls.networks_of(CONFIG)
    settle_norms(networks.generator, torch.randn(4, CONFIG.noise), torch.randn(4, CONFIG.text))
    return GanIntCls(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_gan_int_cls().save(folder)
