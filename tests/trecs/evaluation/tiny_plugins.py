"""Plugins that see only a picture's mean colour, and texts by their length."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DOG, GRASS = 17, 123


class Lengths:
    """Texts and pictures as vectors."""

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """The cosine and sine of a text's length."""
        lengths = np.array([len(text) for text in texts])
        return np.stack([np.cos(lengths), np.sin(lengths)], 1)

    def pictures(self, pictures: np.ndarray) -> np.ndarray:
        """The cosine and sine of a picture's red."""
        red = pictures[..., 0].mean((1, 2))
        return np.stack([np.cos(red), np.sin(red)], 1)


def lengths() -> Lengths:
    """An encoder."""
    return Lengths()


def detect(pictures: np.ndarray) -> list[set[int]]:
    """A dog in every picture that is dark."""
    return [{DOG} if picture.mean() < 128 else set() for picture in pictures]


def segment(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A dog above, grass below."""
    count, height, width, _ = pictures.shape
    maps = np.full((count, height, width), GRASS, np.uint8)
    maps[:, : height // 2] = DOG
    return maps
