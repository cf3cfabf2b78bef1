"""The DAMSM that taught AttnGAN, and CLIP, as encoders for R-precision."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from trecs.systems.parts.contrastive import Contrastive
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.vocabulary import tokens

LEADS = "it leads CLIP's drawings and chooses among DALL-E's where it is installed"


class DamsmEncoder:
    """Texts and pictures in DAMSM's space."""

    def __init__(self, damsm: Damsm) -> None:
        self._damsm = damsm
        self._known = frozenset(damsm.vocabulary.words)

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "DamsmEncoder":
        """Reads a DAMSM; raises InputError where it, or its trunk, cannot be had."""
        return DamsmEncoder(Damsm.load(folder, device))

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (B, D) of texts; zeros, which match nothing, of those without a known word."""
        vectors = np.zeros((len(texts), self._damsm.networks.config.text), np.float32)
        known = [i for i, text in enumerate(texts) if self._known.intersection(tokens(text))]
        if known:
            vectors[known] = self._damsm.encode_texts([texts[i] for i in known]).cpu().numpy()
        return vectors

    def pictures(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (B, D) of pictures (B, H, W, 3) uint8 RGB."""
        device = self._damsm.networks.text_encoder.encoder.weight.device
        pixels = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        return self._damsm.encode_pictures(pixels).cpu().numpy()


class ClipEncoder:
    """Texts and pictures in CLIP's space (Hessel et al., CLIPScore, EMNLP 2021).

    `caution`: what is to be told beside its numbers. It leads or chooses what systems draw, and is
    no independent judge of them; one of whole words was trained here, too.
    """

    def __init__(self, clip: Contrastive) -> None:
        self._clip = clip
        own = clip.network.config.tokens == "words"
        self.caution = f"taught by the training photos; {LEADS}" if own else LEADS

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "ClipEncoder":
        """Reads a CLIP; raises InputError where it cannot be had."""
        return ClipEncoder(Contrastive.load(folder, device))

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (B, D) of texts; zeros, which match nothing, of those without a known word."""
        vectors = np.zeros((len(texts), self._clip.network.config.embedding), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            try:
                row[:] = self._clip.encode_texts([text])[0].cpu().numpy()
            except InputError:
                continue
        return vectors

    def pictures(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (B, D) of pictures (B, H, H, 3) uint8 RGB."""
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
        return self._clip.encode_pictures(pixels).cpu().numpy()
