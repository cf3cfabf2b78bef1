"""A tiny alignDRAW with random weights."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.systems.aligndraw.network import AlignDrawConfig
from trecs.systems.aligndraw.system import AlignDraw

CONFIG = replace(AlignDrawConfig.tiny(len(VOCABULARY)), side=32)


def tiny_aligndraw() -> AlignDraw:
    """One whose codes and words count, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = AlignDraw.networks_of(CONFIG)
    for layer in networks.generator.modules():
        if isinstance(layer, nn.Linear | nn.LSTMCell):
            for parameter in layer.parameters():
                nn.init.normal_(parameter, 0.0, 0.7)
    return AlignDraw(networks, VOCABULARY)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_aligndraw().save(folder)
