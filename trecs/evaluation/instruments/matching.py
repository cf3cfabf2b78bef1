"""The DAMSM that taught AttnGAN, as an encoder for R-precision."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.vocabulary import tokens


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
