"""A small drawing whose canvas is known to the pixel."""

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from trecs.exchange import Drawn
from trecs.narrative import Narrative, Word

DOG, CAT, HORSE, GRASS, SKY = (value_of(n) for n in ("dog", "cat", "horse", "grass", "sky-other"))
HEIGHT, WIDTH = 12, 16
SKY_ROWS = 5
HORSE_BOX = (slice(4, 9), slice(2, 10))  # instance 1, half behind the dog
DOG_BOX = (slice(6, 11), slice(6, 12))  # instance 3; 2 is not on the canvas any more


def canvas() -> Canvas:
    """Sky over grass; a dog before a horse, both in front of them."""
    labels = np.full((HEIGHT, WIDTH), GRASS, np.uint8)
    labels[:SKY_ROWS] = SKY
    instances = np.zeros((HEIGHT, WIDTH), np.int32)
    labels[HORSE_BOX], instances[HORSE_BOX] = HORSE, 1
    labels[DOG_BOX], instances[DOG_BOX] = DOG, 3
    return Canvas(labels, instances)


def image() -> NDArray[np.uint8]:
    """Every pixel another colour."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([rows * 20, columns * 15, rows + columns], -1).astype(np.uint8)


def horse() -> NDArray[np.bool_]:
    """All of the horse, also what the dog hides."""
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[HORSE_BOX] = True
    return whole


def narrative() -> Narrative:
    """Two words and a stroke while the second was said."""
    words = (Word("a", 0.0, 0.4), Word("dog & <cat>", 0.5, 1.5))
    stroke = np.array([[0.25, 0.5, 0.6], [0.5, 0.75, 1.0], [0.75, 0.5, 1.25]])
    return Narrative(words, (stroke,))


def drawn() -> Drawn:
    return Drawn(narrative(), canvas(), image(), {1: horse()})
