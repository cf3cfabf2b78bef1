"""A trained AttnGAN, ready to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from files.weights import halved, load_config, load_module, save_weights
from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.generator import AttnGanGenerator
from trecs.systems.parts.text_encoder import TextBatch, TextEncoder
from trecs.systems.parts.vocabulary import Caption, CaptionVocabulary

KIND = "attngan"


@dataclass(frozen=True)
class AttnGanPicture:
    """What AttnGAN draws of a caption."""

    caption: Caption  # the words that were used, skipped and cut
    pictures: tuple[NDArray[np.uint8], ...]
    """Of every stage, (S, S, 3) RGB, S = 64, 128, 256."""
    attention: Mapping[int, NDArray[np.float32]]
    """Of every stage from the second on, (words used, S/2, S/2): a place's shares of the words,
    whose sum is 1."""

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The last stage's, the largest."""
        return self.pictures[-1]


class AttnGanNetworks(nn.Module):
    """Text encoder and generator, with random weights."""

    def __init__(self, config: AttnGanConfig) -> None:
        super().__init__()
        self.config = config
        self.text_encoder = TextEncoder(config.vocabulary, config.embedding, config.text)
        self.generator = AttnGanGenerator(config)


class AttnGan:
    """Turns a caption into a picture; the same caption and seed give the same picture."""

    def __init__(self, networks: AttnGanNetworks, vocabulary: CaptionVocabulary) -> None:
        vocabulary.check(networks.config.vocabulary)
        self.networks = networks.eval().requires_grad_(False)
        self.vocabulary = vocabulary

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> "AttnGan":
        """Reads what `save` or `trecs weights import attngan` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, and where its
        vocabulary does not fit.
        """
        config = load_config(folder, KIND, AttnGanConfig)
        vocabulary = CaptionVocabulary.read(folder)
        networks = load_module(folder, lambda: AttnGanNetworks(config))
        return cls(networks.to(device), vocabulary)

    def save(self, folder: Path, *, small: bool = False) -> None:
        """Writes the folder that `load` reads.

        `small` stores matrices as 8-bit and other numbers as 16-bit ones.
        """
        state = self.networks.state_dict()
        state = halved(state) if small else state
        save_weights(folder, KIND, self.networks.config, state, int8=small)
        self.vocabulary.write(folder)

    @torch.inference_mode()
    def draw(self, text: str | Sequence[str], seed: int = 0) -> AttnGanPicture:
        """Draws a caption, or the words of one.

        Raises InputError where no word is known.
        """
        caption = self.vocabulary.encode(text, self.networks.config.words)
        noise, variation = self.networks.generator.draw_noise(
            1, torch.Generator().manual_seed(seed)
        )
        device = self.networks.text_encoder.encoder.weight.device
        batch = TextBatch.of([caption.numbers], device)
        words, sentence = self.networks.text_encoder(batch.numbers, batch.lengths)
        drawn = self.networks.generator(
            noise.to(device), variation.to(device), sentence, words, batch.padding
        )
        return AttnGanPicture(
            caption,
            tuple(_pixels(image[0]) for image in drawn.images),
            {stage: maps[0].cpu().numpy() for stage, maps in enumerate(drawn.attentions, 2)},
        )


def _pixels(image: Tensor) -> NDArray[np.uint8]:
    """A picture (3, S, S) in [-1, 1] as (S, S, 3) uint8."""
    pixels = ((image.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
    return pixels.to(torch.uint8).cpu().numpy()
