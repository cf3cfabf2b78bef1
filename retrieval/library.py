"""The scene library: masks of many scenes on disk, compressed, mapped into memory when opened.

A library is a folder with `library.json` (format, counts, source, encoder) and the columns of
`retrieval.columns`, whose names have a `version` where `library.json` tells one.
`retrieval.library_writer` writes it and `write_embeddings` adds the scenes' embeddings; both leave
either the old library or the new one, never half, also for who opens it meanwhile.
"""

import hashlib
import io
import json
from bisect import bisect_left
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.whole import write_atomically
from retrieval.columns import column_file, open_array, open_column
from retrieval.photos import ScenePhotos
from retrieval.thumbnails import unpacked
from retrieval.typicality import typicality
from segmentation.labels import COUNT, UNLABELED
from segmentation.masks import Mask, decode

if TYPE_CHECKING:
    from retrieval.index import SceneIndex

FORMAT = 2
RECORD = "library.json"
LOCK = ".lock"  # of who writes


class SceneLibrary:
    """Scenes and their masks, mask ids 0..M-1 in the order of their scenes, back to front.

    `labels` (M,) uint8; `boxes` (M, 4) float32 left, top, right, bottom in fractions; `areas`
    (M,) float32 shares of the picture; `sizes` (M, 2) uint8 height and width of the stored
    bitmaps; `scene_of` (M,) int32; `scene_starts` (S+1,) int64.

    The shelf has the masks in another order, by label and, within a label, by aspect ratio:
    `shelf` (M,) int32 mask ids, `shelf_of` (M,) int32 their places on it. In its order are
    `aspects` (M,) float32, log(width / height) of the boxes, and `thumbnails` and `hulls` (M, 9)
    uint64, of the masks and of their convex hulls. `photos`: those of its scenes, or None.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder = folder
        self.scene_count: int = record["scenes"]
        self.mask_count: int = record["masks"]
        self.source: str = record["source"]
        self._encoder: dict[str, str] = record["encoder"]
        masks, version = self.mask_count, record.get("version", "")
        with_photos = record.get("photos", False)

        def open_(name: str, count: int | None) -> NDArray[Any]:
            return open_column(folder, name, count, version)

        self.labels: NDArray[np.uint8] = open_("labels", masks)
        self.boxes: NDArray[np.float32] = open_("boxes", masks)
        self.areas: NDArray[np.float32] = open_("areas", masks)
        self.sizes: NDArray[np.uint8] = open_("sizes", masks)
        self.scene_of: NDArray[np.int32] = open_("scene_of", masks)
        self.scene_starts: NDArray[np.int64] = open_("scene_starts", self.scene_count + 1)
        self._codes: NDArray[np.uint8] = open_("codes", None)
        self._code_starts: NDArray[np.int64] = open_("code_starts", masks + 1)
        self.shelf: NDArray[np.int32] = open_("shelf", masks)
        self.shelf_of: NDArray[np.int32] = open_("shelf_of", masks)
        self.aspects: NDArray[np.float32] = open_("aspects", masks)
        self.thumbnails: NDArray[np.uint64] = open_("thumbnails", masks)
        self.hulls: NDArray[np.uint64] = open_("hulls", masks)
        self._label_starts: NDArray[np.int64] = open_("label_starts", COUNT + 1)
        # All are opened now: later the folder may hold a library that replaced this one.
        self._names: NDArray[np.uint8] = open_("names", None)
        there = (folder / column_file("typical", version)).is_file()
        self._typical: NDArray[np.float32] | None = open_("typical", masks) if there else None
        self.photos = ScenePhotos(folder, self.scene_count, version) if with_photos else None
        self._embeddings = _embeddings(folder, self._encoder.get("file"))
        _check_starts(folder, "code_starts", self._code_starts, len(self._codes))
        _check_starts(folder, "scene_starts", self.scene_starts, masks)
        _check_starts(folder, "label_starts", self._label_starts, masks)

    @classmethod
    def open(cls, folder: Path) -> "SceneLibrary":
        """Opens a library; raises InputError where it is missing, truncated or something else.

        One that is replaced meanwhile is opened anew.
        """
        record = read_record(folder)
        while True:
            library, complaint = None, None
            try:
                library = cls(folder, record)
            except InputError as error:
                complaint = error
            before, record = record, read_record(folder)
            if record == before:
                if library is None:
                    raise complaint or AssertionError
                return library

    @cached_property
    def typical(self) -> NDArray[np.float32]:
        """How typical of its label each mask is, (M,) in (0, 1] in the order of the shelf.

        Libraries from before it was stored are judged here, a few seconds for a million masks.
        """
        if self._typical is not None:
            return self._typical
        return typicality(self.thumbnails, self._label_starts)

    @cached_property
    def scene_names(self) -> list[str]:
        """The scenes' names."""
        names = bytes(self._names).decode("utf-8", "replace")
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
        return Mask((left, top, right, bottom), unpacked(self.thumbnails[self.shelf_of[index]]))

    def masks_of(self, scene: int) -> range:
        """The ids of a scene's masks, back to front."""
        return range(int(self.scene_starts[scene]), int(self.scene_starts[scene + 1]))

    def with_label(self, label: int) -> NDArray[np.int32]:
        """The ids of all masks of a label, from the tallest to the widest."""
        return self.shelf[self._label_starts[label] : self._label_starts[label + 1]]

    def nearest_aspects(self, label: int, aspect: float, count: int) -> slice:
        """The stretch of the shelf with the `count` masks of a label nearest to an aspect ratio.

        `aspect`: log(width / height). All masks of the label where there are fewer.
        """
        start, stop = (int(place) for place in self._label_starts[label : label + 2])
        # The stretch moves on as long as its first mask is farther off than the one behind it.
        moved = bisect_left(
            range(start, max(stop - count, start)),
            True,
            key=lambda i: bool(aspect - self.aspects[i] <= self.aspects[i + count] - aspect),
        )
        return slice(start + moved, min(start + moved + count, stop))

    def usual_aspect(self, label: int) -> float | None:
        """The median of a label's aspect ratios, log(width / height); None where it has no mask."""
        start, stop = self._label_starts[label : label + 2]
        return float(self.aspects[(start + stop) // 2]) if start < stop else None

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
    def embeddings(self) -> NDArray[np.float16]:
        """The scenes' embeddings, (S, D) float16; raises InputError where there are none."""
        if self._embeddings is None:
            raise InputError(
                f"The library '{self.folder}' has no embeddings of its scenes, so it cannot be "
                "searched by text; give it some with `trecs library embed`."
            )
        if isinstance(self._embeddings, InputError):
            raise self._embeddings
        array = self._embeddings
        if array.ndim != 2 or len(array) != self.scene_count or array.dtype != np.float16:
            raise _damaged(self.folder, f"embeddings are {array.dtype} {array.shape}")
        return array

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The k scenes nearest to a text's vector (D,): (scene, similarity), best first.

        The similarity is the inner product with the scene's embedding, in [-1, 1].
        """
        return self._index.search(vector, k)

    @cached_property
    def _index(self) -> "SceneIndex":
        from retrieval.index import SceneIndex

        return SceneIndex(self.embeddings)


def write_embeddings(folder: Path, embeddings: NDArray[np.floating], fingerprint: str) -> None:
    """Stores the scenes' embeddings (S, D), as float16, and which encoder made them.

    The new file gets a name of its own and `library.json` names it, so that an interruption
    leaves the old embeddings in use. Raises InputError where the library cannot be opened.
    """
    record = read_record(folder)
    if embeddings.ndim != 2 or len(embeddings) != record["scenes"]:
        raise ValueError(f"embeddings {embeddings.shape} for {record['scenes']} scenes")
    name = f"embeddings-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}.npy"
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(embeddings, np.float16))
    write_atomically(folder / name, buffer.getvalue())
    record["encoder"] = {"fingerprint": fingerprint, "file": name}
    write_atomically(folder / RECORD, (json.dumps(record, indent=2) + "\n").encode())
    for old in folder.glob("embeddings-*.npy"):
        if old.name != name:
            old.unlink()


def busy(folder: Path) -> str:
    """What to tell who would write a library while another process does."""
    return (
        f"Another process is writing the library '{folder}'; wait for it to end, or give another "
        "folder."
    )


def _embeddings(folder: Path, file: str | None) -> NDArray[Any] | InputError | None:
    """The mapped file; an error for when it is needed, for a library can get others."""
    try:
        return open_array(folder / file) if file is not None else None
    except InputError as error:
        return error


def read_record(folder: Path) -> dict[str, Any]:
    """Reads `library.json`; raises InputError where it is missing, damaged or another's."""
    path = folder / RECORD
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
        for file in (record["encoder"].get("file", ""), record.get("version", "")):
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
