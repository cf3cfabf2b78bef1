"""A data folder of a few made-up photos with captions, none of them held back."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from trecs.data.dataset import Dataset
from trecs.trunks.efficientnet import EfficientNetLite, Lite

NAMES = ("aa", "ab", "ad", "ae")
CAPTIONS = (
    "A dog on the grass .",
    "a brown horse runs",
    "the red dog",
    "sky",
)


def captioned(folder: Path) -> Dataset:
    rng = np.random.default_rng(0)
    flickr = folder / "flickr"
    for part in ("images", "labels"):
        (flickr / part).mkdir(parents=True)
    for name in NAMES:
        photo = np.kron(rng.integers(0, 256, (4, 5, 3)), np.ones((20, 20, 1))).astype(np.uint8)
        Image.fromarray(photo).save(flickr / "images" / f"{name}.jpg")
        Image.fromarray(photo[..., 0] % 182).save(flickr / "labels" / f"{name}.png")
    records = [
        {"photo": name, "caption": caption} for name, caption in zip(NAMES, CAPTIONS, strict=True)
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (flickr / "captions.jsonl").write_text(lines)
    dataset = Dataset(folder)
    assert len(dataset.photos(held_back=False)) == len(NAMES)
    return dataset


def random_trunk(path: Path, lite: Lite) -> Path:
    """Writes a trunk of random weights, in a file like the published one."""
    torch.manual_seed(0)
    torch.save(EfficientNetLite(lite).state_dict(), path)
    return path
