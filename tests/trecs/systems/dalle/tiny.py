"""A tiny DALL-E with random weights."""

from dataclasses import replace
from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.network import DalleNetworks
from trecs.systems.dalle.system import Dalle

CONFIG = DalleConfig.tiny(len(VOCABULARY))


@torch.no_grad()
def tiny_dalle(config: DalleConfig = CONFIG) -> Dalle:
    """One whose words, tokens and pictures differ by more than when a training begins."""
    torch.manual_seed(0)
    networks = Dalle.networks_of(config)
    parts = networks.generator
    assert isinstance(parts, DalleNetworks)
    parts.decoder.get_parameter("blocks.input.w").normal_(std=3)
    for layer in parts.transformer.layers:
        layer.get_parameter("scale").fill_(1)
        layer.get_parameter("fed_scale").fill_(1)
    return Dalle(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads, of the side that its card tells."""
    tiny_dalle(replace(CONFIG, side=64)).save(folder)
