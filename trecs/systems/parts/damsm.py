"""The matching model of words and pictures (DAMSM; Xu et al., section 3.2), on disk and in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from torch import Tensor, nn

from files.weights import (
    halved,
    load_config,
    load_module,
    made,
    save_weights,
    tensor_shapes,
)
from trecs.systems.parts.image_encoder import ImageEncoder, Trunk
from trecs.systems.parts.text_encoder import TextBatch, TextEncoder
from trecs.systems.parts.vocabulary import CaptionVocabulary

KIND = "damsm"
MOST_OF_TRUNK = 64_000_000  # numbers of a published trunk, which is not stored here
TRUNK = "image_encoder.trunk."  # EfficientNet's: its published weights stay in their package


@dataclass(frozen=True)
class DamsmConfig:
    """The numbers of the matching model; `vocabulary` to `words` are those of the AttnGAN.

    `side`: pixels to which the trunk has pictures scaled, whatever their own size.
    """

    vocabulary: int = 27_297
    embedding: int = 300
    text: int = 256
    words: int = 64
    trunk: Trunk = "inception"
    side: int = 299

    @staticmethod
    def official() -> "DamsmConfig":
        """The released COCO encoders."""
        return DamsmConfig()

    @staticmethod
    def bundled(vocabulary: int = 3_000) -> "DamsmConfig":
        """What teaches the bundled AttnGAN, with a trunk whose weights can be had."""
        return DamsmConfig(vocabulary, embedding=128, text=128, trunk="efficientnet", side=128)

    @staticmethod
    def tiny(vocabulary: int = 12) -> "DamsmConfig":
        """For tests; the trunk has its whole width."""
        return DamsmConfig(vocabulary, embedding=6, text=8, words=6, trunk="efficientnet", side=64)


class DamsmNetworks(nn.Module):
    """Both encoders, with random weights."""

    def __init__(self, config: DamsmConfig) -> None:
        super().__init__()
        self.config = config
        self.text_encoder = TextEncoder(config.vocabulary, config.embedding, config.text)
        self.image_encoder = ImageEncoder.of(config.trunk, config.text, config.side)


class Damsm:
    """Trained encoders and their vocabulary: teaches AttnGAN, and measures R-precision."""

    def __init__(self, networks: DamsmNetworks, vocabulary: CaptionVocabulary) -> None:
        vocabulary.check(networks.config.vocabulary)
        self.networks = networks.eval().requires_grad_(False)
        self.vocabulary = vocabulary

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> "Damsm":
        """Reads what `save` or `trecs weights import damsm` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, where its
        vocabulary does not fit, and where EfficientNet is the trunk and its weights are missing.
        """
        config = load_config(folder, KIND, DamsmConfig)
        vocabulary = CaptionVocabulary.read(folder)
        numbers = sum(map(prod, tensor_shapes(folder).values()))
        networks = made(folder, lambda: DamsmNetworks(config), numbers + MOST_OF_TRUNK)
        if config.trunk == "efficientnet":
            networks.image_encoder.load_trunk()
        state = networks.state_dict()
        trunk = {name: value for name, value in state.items() if name.startswith(TRUNK)}
        networks = load_module(folder, lambda: networks, beside=trunk)
        return cls(networks.to(device), vocabulary)

    def save(self, folder: Path, *, small: bool = False) -> None:
        """Writes the folder that `load` reads, without an EfficientNet trunk.

        `small` stores matrices as 8-bit and other numbers as 16-bit ones.
        """
        state = self.networks.state_dict()
        learned = {name: value for name, value in state.items() if not name.startswith(TRUNK)}
        learned = halved(learned) if small else learned
        save_weights(folder, KIND, self.networks.config, learned, int8=small)
        self.vocabulary.write(folder)

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Features (B, D) of sentences; raises InputError where a text has no known word."""
        length = self.networks.config.words
        captions = [self.vocabulary.encode(text, length).numbers for text in texts]
        encoder = self.networks.text_encoder
        batch = TextBatch.of(captions, encoder.encoder.weight.device)
        _, sentences = encoder(batch.numbers, batch.lengths)
        return sentences

    @torch.inference_mode()
    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Features (B, D) of whole pictures (B, 3, H, W) in [-1, 1]."""
        return self.networks.image_encoder(pictures)[1]
