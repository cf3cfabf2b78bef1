"""The columns of a scene library: one .npy file each, appended to while writing, then mapped."""

from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from files.errors import InputError

# Name: (type, shape of one row). Explicitly little-endian, so that libraries can be exchanged.
COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "labels": ("|u1", ()),  # of each mask
    "boxes": ("<f4", (4,)),  # left, top, right, bottom in fractions of the picture
    "areas": ("<f4", ()),  # share of the picture
    "sizes": ("|u1", (2,)),  # height and width of the stored bitmap
    "scene_of": ("<i4", ()),
    "code_starts": ("<i8", ()),  # one more than there are masks
    "codes": ("|u1", ()),  # run-length codes, one after the other
    "scene_starts": ("<i8", ()),  # one more than there are scenes
    "names": ("|u1", ()),  # the scenes' names in UTF-8, each ended by a line feed
    # The shelf: the masks sorted by label, and within a label from the tallest to the widest.
    "shelf": ("<i4", ()),  # mask ids
    "shelf_of": ("<i4", ()),  # where each mask stands on it
    "label_starts": ("<i8", ()),  # where each label begins on it
    # The following are in its order, so that masks of like shape are read in one stretch.
    "aspects": ("<f4", ()),  # logarithm of the box's width over its height
    "thumbnails": ("<u8", (9,)),  # 24x24 bits in the frame of the mask's box
    "hulls": ("<u8", (9,)),  # the same of its convex hull
    "typical": ("<f4", ()),  # how typical of its label, see `retrieval.typicality`
}
PHOTO_COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "photos": ("|u1", ()),  # JPEGs, one after the other
    "photo_starts": ("<i8", ()),  # one more than there are scenes; some have none
}
"""Those that only a library with photos has."""
ALL_COLUMNS = {**COLUMNS, **PHOTO_COLUMNS}


class Column:
    """A .npy file that grows at its end; its header is made right when it is closed."""

    def __init__(self, folder: Path, name: str) -> None:
        self._type, self._row = ALL_COLUMNS[name]
        self._file: BinaryIO = (folder / f"{name}.npy").open("w+b")
        self._write_header(0)
        self._start = self._file.tell()
        self.count = 0

    def append(self, rows: NDArray[Any] | list[Any]) -> None:
        """Adds rows, (N, *row shape)."""
        array = np.ascontiguousarray(rows, self._type).reshape(-1, *self._row)
        self._file.write(array.tobytes())
        self.count += len(array)

    def written(self) -> NDArray[Any]:
        """What was added so far, (count, *row shape)."""
        self._file.seek(self._start)
        rows = np.frombuffer(self._file.read(), self._type)
        return rows.reshape(-1, *self._row)

    def overwrite(self, rows: NDArray[Any]) -> None:
        """Puts as many rows in the place of what was added so far."""
        self._file.seek(self._start)
        self.count = 0
        self.append(rows)

    def close(self) -> None:
        """Completes the file."""
        self._file.seek(0)
        self._write_header(self.count)
        if self._file.tell() != self._start:
            raise AssertionError("numpy pads .npy headers so that the first axis can grow")
        self._file.close()

    def abandon(self) -> None:
        """Closes the file as it is, whatever a full disk says of it."""
        with suppress(OSError):
            self._file.close()

    def _write_header(self, count: int) -> None:
        header = {"descr": self._type, "fortran_order": False, "shape": (count, *self._row)}
        npy.write_array_header_1_0(self._file, header)


def column_file(name: str, version: str) -> str:
    """The name of a column's file; a library that replaced another has a `version` in it."""
    return f"{name}-{version}.npy" if version else f"{name}.npy"


def open_column(folder: Path, name: str, count: int | None, version: str = "") -> NDArray[Any]:
    """Maps a column into memory; raises InputError unless it has the right type and length."""
    expected, row = ALL_COLUMNS[name]
    file = column_file(name, version)
    array = open_array(folder / file)
    shape = (len(array) if count is None and array.ndim else count, *row)
    if array.dtype != np.dtype(expected) or array.shape != shape:
        raise InputError(
            f"'{folder}/{file}' holds {array.dtype} {array.shape} where {expected} {shape} "
            "belongs; the library is damaged. Build it again with `trecs library build`."
        )
    return array


def open_array(path: Path) -> NDArray[Any]:
    """Maps a .npy file into memory; raises InputError where it is missing or truncated."""
    try:
        with path.open("rb") as file:
            npy.read_magic(file)
            empty = 0 in npy.read_array_header_1_0(file)[0]
        # An empty file cannot be mapped.
        array = np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)
        return array.view(np.ndarray)  # still mapped; a np.memmap is slow to index
    except FileNotFoundError:
        raise InputError(
            f"The library's file '{path}' is missing; build the library again with "
            "`trecs library build`, or restore the bundled one."
        ) from None
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"The library's file '{path}' is damaged or truncated ({error}); build the library "
            "again with `trecs library build`, or restore the bundled one."
        ) from error
