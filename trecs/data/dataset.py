"""The photos, label maps and narratives that training and benchmarks read, and what is held back.

The folder's layout: `narratives/{train,dev}.jsonl`; `coco_mini/` (or `coco/`, which
`trecs data prepare` writes and which goes first), `coco_stuff_pairs/`, `flickr/`,
`camvid/{train,val,test}/`, `coco_more/`, `flickr_more/` and `msrc/`, each with `images/*.jpg` and
`labels/*.png`. A `labels.csv` beside them tells, photo by photo, who drew the label map, how much
of it is expected to be right, and the shape of a photo that is stored squashed.

Held back from every training: the narratives of `dev`; the photos of `coco` or `coco_mini` that
`dev` describes and a quarter of those that `train` describes; every tenth `flickr` photo; the
`test` part of `camvid`; of `coco_more`, the photos that `dev` describes and, of those with an
official map, the ones whose id is a multiple of four; and the narratives of these photos.
"""

import csv
import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.paths import expanded
from files.pictures import open_map, picture_size, read_rgb
from files.text import numbered_lines, read_text
from retrieval.coco_files import CocoImage, read_instances
from retrieval.identity import image_name, number_of
from segmentation.label_pictures import labels_of
from segmentation.labels import value_of

ANNOTATED = ("coco", "coco_stuff_pairs", "flickr", "camvid")
"""The sets whose label maps were all drawn by people: what is measured is measured on these."""

EVERY_SET = (*ANNOTATED, "coco_more", "flickr_more", "msrc")
"""All sets; most label maps of `coco_more` and all of `flickr_more` were made by networks."""

OFFICIAL = "official"  # the source of a map, in labels.csv, that COCO published
SURE_ASPECT = 0.5  # of the scores in labels.csv, from which on the guessed shape is taken
USUAL_ASPECT = 1.1  # width / height, where the guess is not to be trusted


def data_folder(given: Path | None = None) -> Path:
    """The data folder: the one given, else $TRECS_DATA, else `../shared/data` of the repository.

    Raises InputError where it is missing.
    """
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = given or expanded(os.environ.get("TRECS_DATA", str(beside)))
    if not folder.is_dir():
        raise InputError(
            f"No training data in '{folder}'; give another folder or set $TRECS_DATA. "
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

    `source`: the set it belongs to, one of EVERY_SET. `accuracy`: the share of the label map's
    pixels, 0 to 1, that is expected to be right; 1 for those that people drew. `aspect`: width /
    height of the photo where it is stored squashed to a square; image and label map are given
    stretched back.
    """

    source: str
    name: str
    image_path: Path
    label_path: Path
    held_back: bool
    accuracy: float = 1.0
    aspect: float | None = None

    @property
    def machine_made(self) -> bool:
        """Whether networks made its label map; of such a map, some pixels are expected wrong."""
        return self.accuracy < 1

    @property
    def instance_path(self) -> Path | None:
        """The official instance map beside it, where the set has one."""
        path = self.label_path.parents[1] / "instances" / self.label_path.name
        return path if path.is_file() else None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of its true shape."""
        return self._stretched(picture_size(self.image_path, "photo"))

    def image(self) -> Image.Image:
        """The photo, RGB; raises InputError where it cannot be read."""
        picture = read_rgb(self.image_path, "photo")
        return picture.resize(self._stretched(picture.size), Image.Resampling.BICUBIC)

    def label_map(self) -> NDArray[np.uint8]:
        """Its labels, (H, W) uint8; raises InputError where they cannot be read."""
        opened = open_map(self.label_path, "label map")
        try:
            picture = Image.fromarray(labels_of(opened))
        except InputError as error:
            raise InputError(f"'{self.label_path}': {error}") from error
        return np.asarray(picture.resize(self._stretched(picture.size), 0), np.uint8)

    def _stretched(self, stored: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the true shape; no side is made smaller than it is stored."""
        width, height = stored
        if self.aspect is None:
            return width, height
        return max(width, round(height * self.aspect)), max(height, round(width / self.aspect))


@dataclass(frozen=True)
class Things:
    """The single things of a photo, as COCO's polygons.

    `people_only`: whether people alone are annotated; else all things are.
    """

    image: CocoImage
    people_only: bool = False


class Dataset:
    """What lies in a data folder; parts that are absent are empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.coco = folder / ("coco" if (folder / "coco").is_dir() else "coco_mini")

    def narratives(self, split: str) -> list[TaggedNarrative]:
        """The narratives of 'dev', of 'train' less those of held-back photos, 'held' or 'all'.

        'all' are those of both files. 'held' are the narratives, of either file, whose photo is a
        held-back one of `coco` or `coco_mini`: those whose canvases can be measured, since people
        drew the maps.
        """
        if split in ("all", "held"):
            everything = self._read("train") + self._read("dev")
            return [n for n in everything if split == "all" or n.image_id in self.held_photo_ids]
        narratives = self._read(split)
        if split == "train":
            held = self.held_photo_ids | self._held_more_ids
            return [n for n in narratives if n.image_id not in held]
        return narratives

    def photos(
        self, *, held_back: bool | None = None, sets: Sequence[str] = ANNOTATED
    ) -> list[Photo]:
        """All photos of some sets in a fixed order; only the held-back or the training ones."""
        parts = {"flickr": self._flickr, "camvid": self._camvid}
        found = (photo for part in sets for photo in parts.get(part, lambda p=part: self._set(p))())
        return [p for p in found if held_back is None or p.held_back == held_back]

    @cached_property
    def coco_instances(self) -> tuple[CocoImage, ...]:
        """The photos of COCO's `instances.json` with their things; none where there is no file.

        Raises InputError where the file cannot be used.
        """
        path = self.coco / "instances.json"
        return read_instances(path, strict=True).images if path.is_file() else ()

    def things_of(self, photo: Photo) -> Things | None:
        """The polygons of a photo's things, where somebody drew them.

        Raises InputError where a file of annotations cannot be used.
        """
        return self._things.get(f"{photo.source}/{photo.name}")

    @cached_property
    def held_photo_ids(self) -> frozenset[int]:
        """The ids of the held-back photos of COCO, those of `coco_more` left out."""
        here = {number_of(path) for path in self._images(self.coco.name)}
        dev = {n.image_id for n in self._read("dev")}
        train = {n.image_id for n in self._read("train")}
        return frozenset(i for i in here if i in dev or (i in train and i % 4 == 0))

    @cached_property
    def _held_more_ids(self) -> frozenset[int]:
        """The ids of the held-back photos of `coco_more`."""
        dev = {n.image_id for n in self._read("dev")}
        rows = self._label_rows("coco_more")
        official = {int(name) for name, row in rows.items() if row["source"] == OFFICIAL}
        here = {number_of(path) for path in self._images("coco_more")}
        return frozenset(i for i in here if i in dev or (i in official and i % 4 == 0))

    @cached_property
    def _things(self) -> dict[str, Things]:
        more = self.folder / "coco_more"
        found = {f"coco/{image_name(image.id)}": Things(image) for image in self.coco_instances}
        for path, people_only in ((more / "persons.json", True), (more / "instances.json", False)):
            if path.is_file():
                for image in read_instances(path, strict=True).images:
                    found[f"coco_more/{image_name(image.id)}"] = Things(image, people_only)
        return found

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

    def _set(self, part: str) -> Iterator[Photo]:
        """The photos of a set that lies in one folder."""
        folder = self.coco.name if part == "coco" else part
        rows = self._label_rows(folder)
        for image, label in self._pairs(folder):
            held_back = (part == "coco" and number_of(image) in self.held_photo_ids) or (
                part == "coco_more" and number_of(image) in self._held_more_ids
            )
            row = rows.get(image.stem, {})
            yield Photo(part, image.stem, image, label, held_back,
                        float(row.get("expected_accuracy", 1)), _aspect(row))  # fmt: skip

    def _label_rows(self, folder: str) -> dict[str, dict[str, str]]:
        """What `labels.csv` tells of each photo; nothing where there is no such file."""
        path = self.folder / folder / "labels.csv"
        if not path.is_file():
            return {}
        text = io.StringIO(read_text(path, f"The file '{path}'"), newline="")
        rows = list(csv.DictReader(text))
        for number, row in enumerate(rows, 2):
            try:
                if not (row["photo"] and row["source"]):
                    raise ValueError("photo or source is empty")
                if not 0 <= float(row["expected_accuracy"]) <= 1:
                    raise ValueError("expected_accuracy is not between 0 and 1")
                _aspect(row)
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    f"Line {number} of '{path}' cannot be used ({error}); expected the columns "
                    "photo, source, expected_accuracy (0 to 1), if squashed aspect, aspect_score."
                ) from error
        return {row["photo"]: row for row in rows}

    def _flickr(self) -> Iterator[Photo]:
        for image, label in self._pairs("flickr"):
            held = zlib.crc32(image.stem.encode()) % 10 == 0
            yield Photo("flickr", image.stem, image, label, held)

    def _camvid(self) -> Iterator[Photo]:
        for split in ("train", "val", "test"):
            for image, label in self._pairs(f"camvid/{split}"):
                yield Photo("camvid", image.stem, image, label, split == "test")


def _aspect(row: Mapping[str, str]) -> float | None:
    """The shape of a photo that is stored squashed; None for one that is not."""
    if "aspect" not in row:
        return None
    aspect, score = float(row["aspect"]), float(row["aspect_score"])
    if not 0.2 <= aspect <= 5:
        raise ValueError(f"an aspect of {aspect}")
    return aspect if score > SURE_ASPECT else USUAL_ASPECT


def _narratives(path: Path) -> Iterator[TaggedNarrative]:
    with path.open("rb") as file:
        for number, line in numbered_lines(file, f"The file '{path}'"):
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
