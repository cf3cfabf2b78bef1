"""Photos with what people wrote of them, captions and narratives, for models of words alone."""

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.errors import InputError
from files.text import numbered_lines
from trecs.data.dataset import ANNOTATED, Dataset, Photo

MARGIN = 76 / 64  # the authors' Resize before their RandomCrop, in sides of a crop


@dataclass(frozen=True)
class Described:
    """A photo and its texts, of which there is at least one."""

    photo: Photo
    texts: tuple[str, ...]


def described_photos(
    dataset: Dataset, *, held_back: bool = False, sets: Sequence[str] = ANNOTATED
) -> list[Described]:
    """The photos that may be trained on, or those held back, with their captions and narratives.

    `sets`: of which sets of photos. Raises InputError where none has a text.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    for name, captions in captions_of(dataset).items():
        texts[name] += captions
    for narrative in dataset.narratives("held" if held_back else "train"):
        for source in ("coco", "coco_more"):
            texts[f"{source}/{narrative.image_id:012d}"].append(" ".join(narrative.words))
    found = [
        Described(photo, tuple(texts[name]))
        for photo in dataset.photos(held_back=held_back, sets=sets)
        if (name := f"{photo.source}/{photo.name}") in texts
    ]
    if not found:
        raise InputError(
            f"No photo in '{dataset.folder}' has a caption or a narrative; expected captions.jsonl "
            "beside images/, or narratives/train.jsonl. `trecs data prepare` makes them."
        )
    return found


def captions_of(dataset: Dataset) -> Mapping[str, Sequence[str]]:
    """The captions of photos, of held-back ones too, by source and name: "coco/000000000007".

    Raises InputError where a line of a file is no caption.
    """
    captions: dict[str, list[str]] = defaultdict(list)
    more = dataset.folder / "coco_more"
    for source, folder in (("coco", dataset.coco), ("coco_more", more)):
        for name, caption in _captions(folder / "captions.jsonl", "image_id"):
            captions[f"{source}/{int(name):012d}"].append(caption)
    for source in ("flickr", "flickr_more"):
        for name, caption in _captions(dataset.folder / source / "captions.jsonl", "photo"):
            captions[f"{source}/{name}"].append(caption)
    return captions


def load_squares(photos: Sequence[Photo], side: int) -> NDArray[np.uint8]:
    """Photos squeezed to squares a little larger than `side`, (N, S, S, 3) uint8 RGB.

    All that a text speaks of stays in view (reconstructed; the authors cut a square out).
    """
    size = round(side * MARGIN)

    def load(photo: Photo) -> NDArray[np.uint8]:
        return cv2.resize(np.asarray(photo.image()), (size, size), interpolation=cv2.INTER_AREA)

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(load, photos)))


def random_crops(squares: NDArray[np.uint8], side: int, rng: np.random.Generator) -> Tensor:
    """A window of `side` pixels of each square (B, S, S, 3), half of them mirrored.

    Returns (B, 3, side, side) float in [-1, 1].
    """
    crops = np.empty((len(squares), side, side, 3), np.uint8)
    for crop, square in zip(crops, squares, strict=True):
        top, left = rng.integers(len(square) - side + 1, size=2)
        window = square[top : top + side, left : left + side]
        crop[:] = window[:, ::-1] if rng.random() < 0.5 else window
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1


def _captions(path: Path, key: str) -> Iterator[tuple[str, str]]:
    """The names of photos, by `key`, and their captions; none where there is no file.

    Raises InputError for a line that is no caption.
    """
    if not path.is_file():
        return
    lines = numbered_lines(io.BytesIO(path.read_bytes()), f"The file '{path}'")
    for number, line in lines:
        try:
            record = json.loads(line)
            name, caption = str(record[key]), str(record["caption"])
            if key == "image_id":
                int(name)
        except (KeyError, ValueError, TypeError) as error:
            raise InputError(
                f"Line {number} of '{path}' is not a caption ({type(error).__name__}: {error}); "
                f"expected an object with {key} and caption."
            ) from error
        yield name, caption
