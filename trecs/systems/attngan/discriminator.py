"""AttnGAN's discriminators, one for each stage, and their folder."""

from pathlib import Path

from torch import nn

from files.weights import load_config, load_module
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig
from trecs.systems.parts.discriminator import Discriminator

KIND = "attngan-discriminators"


def discriminators(config: AttnGanConfig) -> nn.ModuleList:
    """One for each stage, the smallest pictures' first."""
    return nn.ModuleList(
        Discriminator(FIRST_SIDE << stage, config.judge_width, config.text)
        for stage in range(config.stages)
    )


def load_discriminators(folder: Path) -> nn.ModuleList:
    """One for each stage, as `trecs weights import attngan` wrote them, in eval mode.

    Raises InputError where the folder is missing, damaged or of another kind.
    """
    config = load_config(folder, KIND, AttnGanConfig)
    return load_module(folder, lambda: discriminators(config))
