"""The scene library: masks of many scenes on disk, compressed, mapped into memory when opened.

A library is a folder with `library.json` (format, counts, source, encoder) and the columns of
`retrieval.columns`. It is written by `LibraryWriter` and, once the scenes' embeddings are
known, by `write_embeddings`; both leave either the old library or the new one, never half.
"""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import COLUMNS, Column, open_array, open_column
from retrieval.thumbnails import thumbnail, unpacked
from retrieval.weights import write_atomically
from segmentation.errors import InputError
from segmentation.fitting import filled_hull
from segmentation.labels import COUNT, UNLABELED
from segmentation.masks import Mask, decode, encode, resize_bitmap

if TYPE_CHECKING:
    from retrieval.index import SceneIndex

FORMAT = 1
MAX_SIDE = 192  # of a stored bitmap; masks are smooth enough to be enlarged from it


class SceneLibrary:
    """Scenes and their masks, mask ids 0..M-1 in the order of their scenes, back to front.

    `labels` (M,) uint8; `boxes` (M, 4) float32 left, top, right, bottom in fractions; `areas`
    (M,) float32 shares of the picture; `sizes` (M, 2) uint8 height and width of the stored
    bitmaps; `thumbnails` and `hulls` (M, 9) uint64, of the masks and of their convex hulls;
    `scene_of` (M,) int32; `scene_starts` (S+1,) int64.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder = folder
        self.scene_count: int = record["scenes"]
        self.mask_count: int = record["masks"]
        self.source: str = record["source"]
        self._encoder: dict[str, str] = record["encoder"]
        masks = self.mask_count
        self.labels: NDArray[np.uint8] = open_column(folder, "labels", masks)
        self.boxes: NDArray[np.float32] = open_column(folder, "boxes", masks)
        self.areas: NDArray[np.float32] = open_column(folder, "areas", masks)
        self.sizes: NDArray[np.uint8] = open_column(folder, "sizes", masks)
        self.thumbnails: NDArray[np.uint64] = open_column(folder, "thumbnails", masks)
        self.hulls: NDArray[np.uint64] = open_column(folder, "hulls", masks)
        self.scene_of: NDArray[np.int32] = open_column(folder, "scene_of", masks)
        self.scene_starts: NDArray[np.int64] = open_column(
            folder, "scene_starts", self.scene_count + 1
        )
        self._codes: NDArray[np.uint8] = open_column(folder, "codes", None)
        self._code_starts: NDArray[np.int64] = open_column(folder, "code_starts", masks + 1)
        self._by_label: NDArray[np.int32] = open_column(folder, "by_label", masks)
        self._label_starts: NDArray[np.int64] = open_column(folder, "label_starts", COUNT + 1)
        _check_starts(folder, "code_starts", self._code_starts, len(self._codes))
        _check_starts(folder, "scene_starts", self.scene_starts, masks)
        _check_starts(folder, "label_starts", self._label_starts, masks)

    @classmethod
    def open(cls, folder: Path) -> "SceneLibrary":
        """Opens a library; raises InputError where it is missing, truncated or something else."""
        return cls(folder, _read_record(folder))

    @cached_property
    def scene_names(self) -> list[str]:
        """The scenes' names."""
        names = bytes(open_column(self.folder, "names", None)).decode("utf-8", "replace")
        found = names.split("\n")[:-1]
        if len(found) != self.scene_count:
            raise _damaged(self.folder, f"{len(found)} names for {self.scene_count} scenes")
        return found

    @property
    def bytes_on_disk(self) -> int:
        """The size of the folder's files."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())

    def mask(self, index: int) -> Mask:
        """A mask in the place where its scene has it."""
        start, stop = self._code_starts[index : index + 2]
        height, width = (int(side) for side in self.sizes[index])
        left, top, right, bottom = (float(edge) for edge in self.boxes[index])
        try:
            bitmap = decode(self._codes[start:stop].tobytes(), height, width)
        except ValueError as error:
            raise _damaged(self.folder, f"mask {index} has no usable code ({error})") from error
        return Mask((left, top, right, bottom), bitmap)

    def coarse_mask(self, index: int) -> Mask:
        """A mask at 24x24, from its thumbnail: several times as fast."""
        left, top, right, bottom = (float(edge) for edge in self.boxes[index])
        return Mask((left, top, right, bottom), unpacked(self.thumbnails[index]))

    def masks_of(self, scene: int) -> range:
        """The ids of a scene's masks, back to front."""
        return range(int(self.scene_starts[scene]), int(self.scene_starts[scene + 1]))

    def with_label(self, label: int) -> NDArray[np.int32]:
        """The ids of all masks of a label, ascending."""
        return self._by_label[self._label_starts[label] : self._label_starts[label + 1]]

    def label_map(self, scene: int, size: int) -> NDArray[np.uint8]:
        """The whole scene painted on a (size, size) uint8 label map; 255 where it has no mask."""
        painted = np.full((size, size), UNLABELED, np.uint8)
        for index in self.masks_of(scene):
            painted[self.mask(index).render(size, size)] = self.labels[index]
        return painted

    @property
    def encoder_fingerprint(self) -> str | None:
        """Which encoder's embeddings the library holds; None where it has none."""
        return self._encoder.get("fingerprint")

    @cached_property
    def embeddings(self) -> NDArray[np.float32]:
        """The scenes' embeddings, (S, D) float32 unit vectors; InputError where there are none."""
        if "file" not in self._encoder:
            raise InputError(
                f"The library '{self.folder}' has no embeddings of its scenes, so it cannot be "
                "searched by text; build it again with `trecs library build` and an encoder."
            )
        array = open_array(self.folder / self._encoder["file"])
        if array.ndim != 2 or len(array) != self.scene_count or array.dtype != np.float32:
            raise _damaged(self.folder, f"embeddings are {array.dtype} {array.shape}")
        return array

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The k scenes nearest to a unit vector (D,): (scene, cosine similarity), best first."""
        return self._index.search(vector, k)

    @cached_property
    def _index(self) -> "SceneIndex":
        from retrieval.index import SceneIndex

        return SceneIndex(self.embeddings)


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
        self._columns["labels"].close()
        labels = np.load(self._temporary / "labels.npy")
        self._columns["by_label"].append(np.argsort(labels, kind="stable"))
        counts = np.bincount(labels, minlength=COUNT)
        self._columns["label_starts"].append(np.concatenate([[0], np.cumsum(counts)]))
        for name, column in self._columns.items():
            if name != "labels":
                column.close()
        record = {
            "kind": "scene library",
            "format": FORMAT,
            "scenes": self.scene_count,
            "masks": len(labels),
            "source": source,
            "encoder": {},
        }
        (self._temporary / "library.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        self._move_into_place()

    def _move_into_place(self) -> None:
        if not self.folder.exists():
            self._temporary.rename(self.folder)
            return
        card = self.folder / "README.md"
        if card.is_file():
            shutil.copy2(card, self._temporary / card.name)
        old = self._temporary.with_name(f"{self._temporary.name}.old")
        self.folder.rename(old)
        self._temporary.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)


def write_embeddings(folder: Path, embeddings: NDArray[np.float32], fingerprint: str) -> None:
    """Stores the scenes' embeddings (S, D) float32 and which encoder made them.

    The new file gets a name of its own and `library.json` names it, so that an interruption
    leaves the old embeddings in use. Raises InputError where the library cannot be opened.
    """
    record = _read_record(folder)
    if embeddings.ndim != 2 or len(embeddings) != record["scenes"]:
        raise ValueError(f"embeddings {embeddings.shape} for {record['scenes']} scenes")
    name = f"embeddings-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}.npy"
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(embeddings, np.float32))
    write_atomically(folder / name, buffer.getvalue())
    record["encoder"] = {"fingerprint": fingerprint, "file": name}
    write_atomically(folder / "library.json", (json.dumps(record, indent=2) + "\n").encode())
    for old in folder.glob("embeddings-*.npy"):
        if old.name != name:
            old.unlink()


def _read_record(folder: Path) -> dict[str, Any]:
    path = folder / "library.json"
    if not path.is_file():
        raise InputError(
            f"No scene library in '{folder}': library.json is missing. Give the folder that "
            "`trecs library build` wrote, or leave --library out for the bundled one."
        )
    try:
        record = dict(json.loads(path.read_text("utf-8")))
        found = record["kind"], record["format"]
        if found != ("scene library", FORMAT):
            raise InputError(
                f"'{path}' describes a '{found[0]}' of format {found[1]}; expected a "
                f"'scene library' of format {FORMAT}. Build it again with `trecs library build`."
            )
        for name, kind in (("scenes", int), ("masks", int), ("source", str), ("encoder", dict)):
            if not isinstance(record[name], kind):
                raise ValueError(f"'{name}' is a {type(record[name]).__name__}")
        file = record["encoder"].get("file", "")
        if not isinstance(file, str) or Path(file).name != file:
            raise ValueError(f"'{file}' is no file of the library")
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(folder, f"library.json: {type(error).__name__}: {error}") from error
    return record


def _check_starts(folder: Path, name: str, starts: NDArray[np.int64], end: int) -> None:
    if starts[0] != 0 or starts[-1] != end or (np.diff(starts) < 0).any():
        raise _damaged(folder, f"{name}.npy does not lead through {end} entries")


def _damaged(folder: Path, why: str) -> InputError:
    return InputError(
        f"The scene library '{folder}' is damaged ({why}); build it again with "
        "`trecs library build`, or restore the bundled one."
    )


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
