"""Writes scene libraries: scene by scene, aside, and put in their place at once."""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files import disk
from files.errors import InputError
from files.locks import acquired
from files.whole import MARK, Staging, sweep, write_atomically
from retrieval.columns import ALL_COLUMNS, COLUMNS, Column, column_file
from retrieval.library import FORMAT, LOCK, RECORD, busy, read_record
from retrieval.thumbnails import thumbnail
from retrieval.typicality import typicality
from segmentation.fitting import filled_hull
from segmentation.labels import COUNT
from segmentation.masks import Mask, encode, resize_bitmap

if TYPE_CHECKING:
    from filelock import BaseFileLock

MAX_SIDE = 192  # of a stored bitmap; masks are smooth enough to be enlarged from it
OURS = re.compile(rf"({'|'.join(ALL_COLUMNS)}|embeddings-[0-9a-f]+)(-[0-9a-f]+)?\.npy")
CARD = "README.md"


class LibraryWriter:
    """Writes a library scene by scene, aside; `finish` puts it in its place at once.

    A new folder is renamed into its place. In one that exists the new columns come to lie beside
    the old ones, under names of their own, and the `library.json` that names them replaces the
    old one: whoever opens the library at any moment finds the old one or the new one.

    Use it as a context manager: leaving without `finish` removes what was written. The README
    of a library that is replaced stays. Raises InputError where `folder` holds something else,
    another process writes it, or the disk refuses.
    """

    def __init__(self, folder: Path, *, photos: bool = False) -> None:
        """`photos`: scenes may be given theirs."""
        self.folder = folder
        self._names = tuple(ALL_COLUMNS if photos else COLUMNS)
        self._lock: BaseFileLock | None = None
        self._columns: dict[str, Column] = {}
        if folder.exists() and not _replaceable(folder):
            raise InputError(
                f"'{folder}' exists and is no scene library; give an empty or a new folder."
            )
        try:
            with disk.told(folder):
                self._staging = Staging(folder)
        except OSError as error:
            raise InputError(
                f"The library cannot be written to '{folder}' ({error.strerror}); give another "
                "folder."
            ) from error
        try:
            if folder.is_dir():
                self._lock_folder()
                _tidy(folder)
            with disk.told(folder):
                for name in self._names:
                    self._columns[name] = Column(self._staging.files, name)
                for name in ("code_starts", "scene_starts", "photo_starts"):
                    if name in self._names:
                        self._columns[name].append([0])
        except BaseException:
            self._abandon()
            raise
        self.scene_count = 0

    def __enter__(self) -> "LibraryWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._abandon()

    def _abandon(self) -> None:
        for column in self._columns.values():
            column.abandon()
        self._staging.remove()
        if self._lock is not None:
            self._lock.release()

    @property
    def mask_count(self) -> int:
        """How many masks have been written."""
        return self._columns["labels"].count

    def append_scene(
        self, name: str, masks: Sequence[tuple[int, Mask]], photo: bytes = b""
    ) -> None:
        """Adds a scene: its masks with their labels, back to front, and its photo as a JPEG.

        Masks are cut at the picture's edges; those outside it, and empty ones, are left out.
        """
        kept = [(label, mask) for label, given in masks if (mask := _inside(given)) is not None]
        if any(not 0 <= label < COUNT for label, _ in kept):
            raise ValueError(f"{[label for label, _ in kept]} are not all COCO-Stuff labels")
        with disk.told(self.folder):
            self._append(name, kept)
            if "photos" in self._columns:
                self._columns["photos"].append(np.frombuffer(photo, np.uint8))
                self._columns["photo_starts"].append([self._columns["photos"].count])
        self.scene_count += 1

    def _append(self, name: str, kept: Sequence[tuple[int, Mask]]) -> None:
        column = self._columns
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

    def finish(self, source: str, embed: Callable[[Path], None] | None = None) -> None:
        """Completes the library and puts it in its place; `source` says where it came from.

        `embed` gives the library in a folder, before it is in its place, embeddings of its scenes.
        Raises InputError where no scene has a mask or the disk refuses.
        """
        if not self.mask_count:
            raise InputError("The library would be empty: no scene with a mask was given.")
        with disk.told(self.folder):
            self._complete(source)
        if embed:
            embed(self._staging.files)
        with disk.told(self.folder):
            self._put_in_place()

    def _complete(self, source: str) -> None:
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
            **({"photos": True} if "photos" in self._columns else {}),
        }
        text = json.dumps(record, indent=2) + "\n"
        (self._staging.files / RECORD).write_text(text, "utf-8")

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

    def _put_in_place(self) -> None:
        if not self.folder.is_dir():
            self._staging.commit()
            return
        if self._lock is None:  # it has come to be meanwhile
            self._lock_folder()
        version = secrets.token_hex(4)
        made, record = self._staging.files, read_record(self._staging.files)
        for name in self._names:
            (made / column_file(name, "")).rename(self.folder / column_file(name, version))
        if file := record["encoder"].get("file"):
            record["encoder"]["file"] = f"{Path(file).stem}-{version}.npy"
            (made / file).rename(self.folder / record["encoder"]["file"])
        text = json.dumps({**record, "version": version}, indent=2) + "\n"
        write_atomically(self.folder / RECORD, text.encode())
        _tidy(self.folder)

    def _lock_folder(self) -> None:
        self._lock = acquired(self.folder / LOCK)
        if self._lock is None:
            raise InputError(busy(self.folder))


def _replaceable(folder: Path) -> bool:
    """Whether it holds a library, or nothing; what a killed writer left is nothing."""
    if not folder.is_dir():
        return False
    sweep(folder)
    names = {p.name for p in folder.iterdir()} - {CARD, LOCK, "lost+found"}
    return RECORD in names or all(OURS.fullmatch(n) or n.startswith(MARK) for n in names)


def _tidy(folder: Path) -> None:
    """Removes the columns of a library that was replaced, or that never got in its place.

    What cannot be removed now, for a reader has it open, goes another time.
    """
    named = set[str]()
    if (folder / RECORD).is_file():
        try:
            record = read_record(folder)
        except InputError:  # a damaged one, to be replaced
            return
        named = {column_file(name, record.get("version", "")) for name in _columns_of(record)}
        named.add(record["encoder"].get("file", ""))
    for path in list(folder.iterdir()):
        if OURS.fullmatch(path.name) and path.name not in named:
            with suppress(OSError):
                path.unlink()


def _columns_of(record: dict[str, Any]) -> tuple[str, ...]:
    return tuple(ALL_COLUMNS if record.get("photos") else COLUMNS)


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
