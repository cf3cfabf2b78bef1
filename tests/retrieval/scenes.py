"""A tiny scene library that tests share: what is where is told in numbers below."""

import numpy as np

from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from segmentation.labels import value_of
from segmentation.masks import Mask

SKY, GRASS, SEA = (value_of(name) for name in ("sky-other", "grass", "sea"))
DOG, PERSON = value_of("dog"), value_of("person")

ARCH = np.ones((40, 40), bool)
ARCH[20:, 12:28] = False  # a body on two legs


def disc(side=40):
    y, x = np.mgrid[:side, :side] + 0.5
    return (x - side / 2) ** 2 + (y - side / 2) ** 2 < (side / 2) ** 2


def half(top, bottom):
    return Mask((0.0, top, 1.0, bottom), np.ones((20, 40), bool))


SCENES = [
    (
        "meadow",
        [
            (SKY, half(0, 0.5)),
            (GRASS, half(0.5, 1)),
            (DOG, Mask((0.4, 0.5, 0.6, 0.8), ARCH)),
        ],
    ),
    (
        "beach",
        [
            (SKY, half(0, 0.4)),
            (SEA, half(0.4, 1)),
            (DOG, Mask((0.1, 0.5, 0.3, 0.7), disc())),
            (PERSON, Mask((0.6, 0.2, 0.8, 0.9), ARCH)),
        ],
    ),
    ("kennel", [(DOG, Mask((0.2, 0.2, 0.4, 0.5), ARCH[:, ::-1])) for _ in range(12)]),
]


def write(folder):
    with LibraryWriter(folder) as writer:
        for name, masks in SCENES:
            writer.append_scene(name, masks)
        writer.finish("made up for tests")
    return SceneLibrary.open(folder)
