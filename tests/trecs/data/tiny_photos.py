"""A data folder with four small photos and label maps of noise."""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from segmentation.canvas import instance_png, label_png
from trecs.data.dataset import Dataset

NAMES = ("aa", "ab", "ad", "ae")  # none is held back


def tiny_photos(folder: Path) -> Dataset:
    """Writes the folder."""
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (folder / "flickr" / part).mkdir(parents=True)
    for name in NAMES:
        labels = np.kron(rng.integers(0, 182, (4, 5)), np.ones((20, 20))).astype(np.uint8)
        photo = rng.integers(0, 256, (80, 100, 3)).astype(np.uint8)
        Image.fromarray(photo).save(folder / "flickr" / "images" / f"{name}.jpg")
        (folder / "flickr" / "labels" / f"{name}.png").write_bytes(label_png(labels))
    dataset = Dataset(folder)
    assert len(dataset.photos(held_back=False)) == len(NAMES)
    return dataset


def grass_canvases(dataset: Dataset, folder: Path) -> None:
    """Writes a composed canvas for every photo, on which there is nothing but grass."""
    grass = np.full((64, 64), 123, np.uint8)
    for photo in dataset.photos():
        beside = folder / photo.source
        beside.mkdir(parents=True, exist_ok=True)
        (beside / f"{photo.name}.labels.png").write_bytes(label_png(grass))
        (beside / f"{photo.name}.instances.png").write_bytes(instance_png(grass.astype(np.int32)))


def with_one_held_back(folder: Path) -> Dataset:
    """Writes the folder with a fifth photo, like the first, which is held back."""
    tiny_photos(folder)
    for part, ending in (("images", "jpg"), ("labels", "png")):
        files = folder / "flickr" / part
        shutil.copy(files / f"aa.{ending}", files / f"b11.{ending}")
    dataset = Dataset(folder)
    assert [photo.name for photo in dataset.photos(held_back=True)] == ["b11"]
    return dataset
