"""A tiny AC-GAN with random weights."""

from pathlib import Path

import torch
from torch.nn import functional

from segmentation.labels import FIRST_STUFF, NAMES
from tests.trecs.systems.trainings import settle_norms
from trecs.systems.acgan.network import AcGanConfig
from trecs.systems.acgan.system import AcGan
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

LABELS = CaptionVocabulary((END, "person", "dog", "car", *NAMES[FIRST_STUFF:]))
CONFIG = AcGanConfig.tiny(len(LABELS) - 1)


def tiny_acgan() -> AcGan:
    """One whose norms know the statistics, so that pictures are not grey."""
    torch.manual_seed(0)
    networks = AcGan.networks_of(CONFIG)
    classes = functional.one_hot(torch.tensor([0, 1, 2, 3]), CONFIG.text).float()
    settle_norms(networks.generator, torch.randn(4, CONFIG.noise), classes)
    return AcGan(networks, LABELS)


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_acgan().save(folder)
