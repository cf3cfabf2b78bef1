"""A tiny AttnGAN with random weights, and its files as the authors release theirs."""

import pickle
from pathlib import Path

import torch
from torch import nn

from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.discriminator import discriminators
from trecs.systems.attngan.model import AttnGan, AttnGanNetworks
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

WORDS = tuple("a the of on dog horse grass sky red brown runs".split())
VOCABULARY = CaptionVocabulary((END, *WORDS))
CONFIG = AttnGanConfig.tiny(len(VOCABULARY))


def tiny_networks(config: AttnGanConfig = CONFIG) -> AttnGanNetworks:
    """Random weights whose norms know the statistics, so that the pictures are not grey."""
    torch.manual_seed(0)
    networks = AttnGanNetworks(config)
    initialise(networks.generator)
    for module in networks.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        networks.generator(
            *networks.generator.draw_noise(4),
            torch.randn(4, config.text),
            torch.randn(4, config.text, 3),
            torch.zeros(4, 3, dtype=torch.bool),
        )
    return networks.eval()


def tiny_attngan() -> AttnGan:
    return AttnGan(tiny_networks(), VOCABULARY)


def tiny_discriminators(config: AttnGanConfig = CONFIG) -> nn.ModuleList:
    torch.manual_seed(1)
    return discriminators(config).eval()


def as_of_2018(network: nn.Module) -> dict[str, torch.Tensor]:
    """A state dict without the counts that norms have had since torch 0.4.1."""
    state = network.state_dict()
    return {n: value for n, value in state.items() if not n.endswith("num_batches_tracked")}


def captions_pickle(words: tuple[str, ...] = VOCABULARY.words) -> bytes:
    by_number = dict(enumerate(words))
    by_word = {word: number for number, word in by_number.items()}
    return pickle.dumps([[[1, 5], [2, 6, 4]], [[3]], by_number, by_word], protocol=2)


def write_released(folder: Path, networks: AttnGanNetworks) -> list[Path]:
    """Generator, text encoder and vocabulary, under names that tell nothing."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in ("1.pth", "2.pth", "3.pickle")]
    torch.save(as_of_2018(networks.generator), paths[0], _use_new_zipfile_serialization=False)
    torch.save(networks.text_encoder.state_dict(), paths[1])
    paths[2].write_bytes(captions_pickle())
    return paths


def install(folder: Path) -> None:
    """Writes the folder that the system loads."""
    tiny_attngan().save(folder)
