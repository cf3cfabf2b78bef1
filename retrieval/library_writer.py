"""Writes scene libraries: beside their place, scene by scene, and put there at once."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.columns import COLUMNS, Column
from retrieval.library import FORMAT
from retrieval.thumbnails import thumbnail
from retrieval.typicality import typicality
from segmentation.fitting import filled_hull
from segmentation.labels import COUNT
from segmentation.masks import Mask, encode, resize_bitmap

MAX_SIDE = 192  # of a stored bitmap; masks are smooth enough to be enlarged from it


class LibraryWriter:
    """Writes a library scene by scene, beside its place; `finish` puts it there at once.

    Use it as a context manager: leaving without `finish` removes what was written. The README
    of a library that is replaced stays. Raises InputError where `folder` holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if folder.exists() and not _replaceable(folder):
            raise InputError(
                f"'{folder}' exists and is no scene library; give an empty or a new folder."
            )
        self._temporary = folder.absolute().parent / f".{folder.name}.{os.getpid()}"
        shutil.rmtree(self._temporary, ignore_errors=True)
        try:
            self._temporary.mkdir(parents=True)
        except OSError as error:
            raise InputError(
                f"The library cannot be written to '{folder}' ({error.strerror}); give another "
                "folder."
            ) from error
        self._columns = {name: Column(self._temporary, name) for name in COLUMNS}
        self._columns["code_starts"].append([0])
        self._columns["scene_starts"].append([0])
        self.scene_count = 0

    def __enter__(self) -> "LibraryWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for column in self._columns.values():
            column.abandon()
        shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def mask_count(self) -> int:
        """How many masks have been written."""
        return self._columns["labels"].count

    def append_scene(self, name: str, masks: Sequence[tuple[int, Mask]]) -> None:
        """Adds a scene: its masks with their labels, back to front.

        Masks are cut at the picture's edges; those outside it, and empty ones, are left out.
        """
        column = self._columns
        kept = [(label, mask) for label, given in masks if (mask := _inside(given)) is not None]
        if any(not 0 <= label < COUNT for label, _ in kept):
            raise ValueError(f"{[label for label, _ in kept]} are not all COCO-Stuff labels")
        if kept:
            bitmaps = [_shrunk(mask.bitmap) for _, mask in kept]
            codes = [encode(bitmap) for bitmap in bitmaps]
            start = column["codes"].count
            column["labels"].append([label for label, _ in kept])
            column["boxes"].append([mask.box for _, mask in kept])
            column["areas"].append([mask.area for _, mask in kept])
            column["sizes"].append([bitmap.shape for bitmap in bitmaps])
            column["thumbnails"].append([thumbnail(bitmap) for bitmap in bitmaps])
            column["hulls"].append([thumbnail(filled_hull(bitmap)) for bitmap in bitmaps])
            column["scene_of"].append([self.scene_count] * len(kept))
            column["codes"].append(np.frombuffer(b"".join(codes), np.uint8))
            column["code_starts"].append(start + np.cumsum([len(code) for code in codes]))
        column["scene_starts"].append([self.mask_count])
        line = " ".join(name.split()) + "\n"
        column["names"].append(np.frombuffer(line.encode("utf-8", "replace"), np.uint8))
        self.scene_count += 1

    def finish(self, source: str) -> None:
        """Completes the library and puts it in its place; `source` says where it came from.

        Raises InputError where no scene has a mask.
        """
        if not self.mask_count:
            raise InputError("The library would be empty: no scene with a mask was given.")
        self._fill_shelf()
        for column in self._columns.values():
            column.close()
        record = {
            "kind": "scene library",
            "format": FORMAT,
            "scenes": self.scene_count,
            "masks": self.mask_count,
            "source": source,
            "encoder": {},
        }
        (self._temporary / "library.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        self._move_into_place()

    def _fill_shelf(self) -> None:
        """Sorts the masks by label and aspect ratio, their thumbnails and hulls with them.

        How typical each is can be told now that all are there.
        """
        labels, boxes, thumbnails, hulls = (
            self._columns[name].written() for name in ("labels", "boxes", "thumbnails", "hulls")
        )
        sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-4)
        aspects = np.log(sides[:, 0] / sides[:, 1])
        shelf = np.lexsort((aspects, labels))
        places = np.empty_like(shelf)
        places[shelf] = np.arange(len(shelf))
        starts = np.concatenate([[0], np.cumsum(np.bincount(labels, minlength=COUNT))])
        column = self._columns
        column["shelf"].append(shelf)
        column["shelf_of"].append(places)
        column["label_starts"].append(starts)
        column["aspects"].append(aspects[shelf])
        column["thumbnails"].overwrite(thumbnails[shelf])
        column["hulls"].overwrite(hulls[shelf])
        column["typical"].append(typicality(thumbnails[shelf], starts))

    def _move_into_place(self) -> None:
        if not self.folder.exists():
            self._temporary.rename(self.folder)
            return
        card = self.folder / "README.md"
        if card.is_file():
            shutil.copy2(card, self._temporary / card.name)
        old = self._temporary.with_name(f"{self._temporary.name}.old")
        self.folder.rename(old)
        try:
            self._temporary.rename(self.folder)
        except OSError:
            old.rename(self.folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and (
        (folder / "library.json").is_file() or {p.name for p in folder.iterdir()} <= {"README.md"}
    )


def _shrunk(bitmap: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = bitmap.shape
    return resize_bitmap(bitmap, min(height, MAX_SIDE), min(width, MAX_SIDE))


def _inside(mask: Mask) -> Mask | None:
    """The part of a mask within the picture; None where nothing is left."""
    left, top, right, bottom = mask.box
    height, width = mask.bitmap.shape
    if left >= 0 and top >= 0 and right <= 1 and bottom <= 1:
        return mask if mask.bitmap.any() else None
    columns = left + (np.arange(width) + 0.5) / width * (right - left)
    rows = top + (np.arange(height) + 0.5) / height * (bottom - top)
    keep_columns = np.flatnonzero((columns >= 0) & (columns <= 1))
    keep_rows = np.flatnonzero((rows >= 0) & (rows <= 1))
    part = mask.bitmap[np.ix_(keep_rows, keep_columns)]
    if not part.any():
        return None
    box = (max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0))
    return Mask(box, part)
