"""A made-up photo library: the lower half of each photo is grass, before it stands a red dog."""

from pathlib import Path

import numpy as np
from PIL import Image

from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.painted import scene_masks
from retrieval.photos import photo_code
from segmentation.canvas import instances_of
from segmentation.labels import value_of

SKY, GRASS, DOG = (value_of(name) for name in ("sky-other", "grass", "dog"))
RED, GREEN, BLUE = (210, 30, 30), (40, 160, 40), (90, 140, 230)
SIDE = 96


def labels(left: int = 30, right: int = 60) -> np.ndarray:
    """A label map (SIDE, SIDE) with a dog from `left` to `right`."""
    painted = np.full((SIDE, SIDE), SKY, np.uint8)
    painted[48:] = GRASS
    painted[40:72, left:right] = DOG
    return painted


def photo_of(label_map: np.ndarray) -> Image.Image:
    """A photo of what a label map says, each label in its colour."""
    pixels = np.zeros((*label_map.shape, 3), np.uint8)
    for label, colour in ((SKY, BLUE), (GRASS, GREEN), (DOG, RED)):
        pixels[label_map == label] = colour
    return Image.fromarray(pixels)


def write(folder: Path, encoder: DualEncoder, photos: bool = True) -> SceneLibrary:
    """Two scenes, whose photos the library keeps."""
    with LibraryWriter(folder, photos=photos) as writer:
        for name, (left, right) in {"one": (30, 60), "two": (10, 40)}.items():
            painted = labels(left, right)
            code = photo_code(photo_of(painted)) if photos else b""
            writer.append_scene(name, scene_masks(painted, instances_of(painted)), code)
        writer.finish("made up for tests", encoder.embed)
    return SceneLibrary.open(folder)
