"""The photos, label maps and narratives that training and benchmarks read, and what is held back.

The folder's layout: `narratives/{train,dev}.jsonl`; `coco_mini/` (or `coco/`, which
`trecs data prepare` writes and which goes first), `coco_stuff_pairs/`, `flickr/` and
`camvid/{train,val,test}/`, each with `images/*.jpg` and `labels/*.png`.

Held back from every training: the narratives of `dev`; the photos of that COCO that `dev`
describes and a quarter of those that `train` describes, with their narratives; every tenth
`flickr` photo; the `test` part of `camvid`.
"""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.coco_files import CocoImage, read_instances
from segmentation.errors import InputError
from segmentation.labels import value_of


def data_folder(given: Path | None = None) -> Path:
    """The data folder: the one given, else $TRECS_DATA, else `../shared/data` of the repository.

    Raises InputError where it is missing.
    """
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = given or Path(os.environ.get("TRECS_DATA", beside))
    if not folder.is_dir():
        raise InputError(
            f"No training data in '{folder}'; give the folder with --data or $TRECS_DATA. "
            "`trecs data prepare` makes one from COCO's files."
        )
    return folder


@dataclass(frozen=True, eq=False)
class TaggedNarrative:
    """A released narrative: one COCO-Stuff label for every word, `tags` (N,) uint8."""

    image_id: int
    annotator_id: int
    words: tuple[str, ...]
    tags: NDArray[np.uint8]


@dataclass(frozen=True)
class Photo:
    """A photo with its label map; `held_back` photos are never trained on.

    `source`: the set it belongs to, "coco", "coco_stuff_pairs", "flickr" or "camvid".
    """

    source: str
    name: str
    image_path: Path
    label_path: Path
    held_back: bool

    @property
    def instance_path(self) -> Path | None:
        """The official instance map beside it, where the set has one."""
        path = self.label_path.parents[1] / "instances" / self.label_path.name
        return path if path.is_file() else None

    def image(self) -> Image.Image:
        """The photo, RGB."""
        return Image.open(self.image_path).convert("RGB")

    def label_map(self) -> NDArray[np.uint8]:
        """Its labels, (H, W) uint8."""
        return np.asarray(Image.open(self.label_path), np.uint8)


class Dataset:
    """What lies in a data folder; parts that are absent are empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.coco = folder / ("coco" if (folder / "coco").is_dir() else "coco_mini")

    def narratives(self, split: str) -> list[TaggedNarrative]:
        """The narratives of 'dev', of 'train' less those of held-back photos, or those 'held'.

        'held' are the narratives, of either file, whose photo is held back.
        """
        if split == "held":
            everything = self._read("train") + self._read("dev")
            return [n for n in everything if n.image_id in self.held_photo_ids]
        narratives = self._read(split)
        if split == "train":
            return [n for n in narratives if n.image_id not in self.held_photo_ids]
        return narratives

    def photos(self, *, held_back: bool | None = None) -> list[Photo]:
        """All photos in a fixed order; only the held-back or the training ones where asked."""
        found = [*self._coco(), *self._flickr(), *self._camvid()]
        return [p for p in found if held_back is None or p.held_back == held_back]

    @cached_property
    def coco_instances(self) -> tuple[CocoImage, ...]:
        """The photos of COCO's `instances.json` with their things; none where there is no file.

        Raises InputError where the file cannot be used.
        """
        path = self.coco / "instances.json"
        return read_instances(path).images if path.is_file() else ()

    @cached_property
    def held_photo_ids(self) -> frozenset[int]:
        """The COCO ids of the held-back photos."""
        here = {int(path.stem) for path in self._images(self.coco.name)}
        dev = {n.image_id for n in self._read("dev")}
        train = {n.image_id for n in self._read("train")}
        return frozenset(i for i in here if i in dev or (i in train and i % 4 == 0))

    def _read(self, split: str) -> list[TaggedNarrative]:
        path = self.folder / "narratives" / f"{split}.jsonl"
        if not path.is_file():
            return []
        return list(_narratives(path))

    def _images(self, part: str) -> list[Path]:
        return sorted((self.folder / part / "images").glob("*.jpg"))

    def _pairs(self, part: str) -> Iterator[tuple[Path, Path]]:
        for image in self._images(part):
            label = self.folder / part / "labels" / f"{image.stem}.png"
            if label.is_file():
                yield image, label

    def _coco(self) -> Iterator[Photo]:
        for image, label in self._pairs(self.coco.name):
            held = int(image.stem) in self.held_photo_ids
            yield Photo("coco", image.stem, image, label, held)
        for image, label in self._pairs("coco_stuff_pairs"):
            yield Photo("coco_stuff_pairs", image.stem, image, label, False)

    def _flickr(self) -> Iterator[Photo]:
        for image, label in self._pairs("flickr"):
            held = zlib.crc32(image.stem.encode()) % 10 == 0
            yield Photo("flickr", image.stem, image, label, held)

    def _camvid(self) -> Iterator[Photo]:
        for split in ("train", "val", "test"):
            for image, label in self._pairs(f"camvid/{split}"):
                yield Photo("camvid", image.stem, image, label, split == "test")


def _narratives(path: Path) -> Iterator[TaggedNarrative]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                tags = np.array([value_of(tag) for tag in record["tags"]], np.uint8)
                words = tuple(record["words"])
                if len(words) != len(tags):
                    raise ValueError(f"{len(words)} words but {len(tags)} tags")
                yield TaggedNarrative(
                    int(record["image_id"]), int(record["annotator_id"]), words, tags
                )
            except (KeyError, ValueError, TypeError) as error:
                raise InputError(
                    f"Line {number} of '{path}' is not a tagged narrative ({error}); expected "
                    "{image_id, annotator_id, words, tags} with a COCO-Stuff label a word."
                ) from error
