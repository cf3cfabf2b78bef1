"""Which image is meant: by number in annotations, narratives and captions, by name among files.

An image's number is its `id`, never what its file is called. What `trecs data prepare` makes of it
is named after the number, so that all who know the number find it.
"""

import os
import re
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from files.errors import InputError
from files.text import cleaned

LARGEST = 10**18
TEXT_IDS = 10**11
"""Ids that are texts ("x1") become numbers from here on, the same text always the same."""
ENDINGS = frozenset((".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"))


def whole_number(given: Any) -> int | None:
    """A whole number as people's tools write it: 64, 64.0, "64"; None for anything else."""
    if isinstance(given, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,19}(\.0*)?\s*", given):
        return int(given.partition(".")[0])
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def image_number(given: Any) -> int | None:
    """The number of an image from its id; None where it is neither a number nor a text."""
    number = whole_number(given)
    if number is None and isinstance(given, str) and (text := cleaned(given)):
        return TEXT_IDS + zlib.crc32(text.encode())
    return number if number is not None and 0 <= number <= LARGEST else None


def image_name(number: int) -> str:
    """The name of an image's files without their ending: twelve digits, as COCO has them."""
    return f"{number:012d}"


def number_of(image: Path) -> int:
    """The number that a photo of COCO is called by; raises InputError where it is called else."""
    if not image.stem.isdecimal():
        raise InputError(
            f"'{image}' is not called by its image's number; expected a name such as "
            f"{image_name(42)}.jpg. Make the folder again with `trecs data prepare`."
        )
    return int(image.stem)


def clean_path(given: Any) -> str | None:
    """A `file_name` of an annotation file, with slashes; None where it names no file below.

    Tools write folders, drives, addresses and backslashes before the name.
    """
    if not isinstance(given, str) or "\x00" in given:
        return None
    path = PurePosixPath(re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*:", "", given.strip().replace("\\", "/")))
    if ".." in path.parts or not path.name:
        return None
    return "/".join(part for part in path.parts if part.strip("/"))


def stem_of(file_name: str) -> str:
    """A picture's name without folders and ending."""
    path = PurePosixPath(file_name)
    return path.stem if path.suffix.lower() in ENDINGS else path.name


def photo_of(folder: Path, file_name: str) -> Path | None:
    """The photo of that name in a folder, or in the folders that its name tells."""
    places = (folder / file_name, folder / PurePosixPath(file_name).name)
    return next((place for place in places if os.path.isfile(place)), None)


def map_of(folder: Path, file_name: str, number: int) -> Path | None:
    """The map of an image: a PNG that is named as its photo is.

    Of photos whose names are no plain numbers, such as COCO_val2014_000000000042.jpg, it may be
    named by the image's number. mmsegmentation adds `_labelTrainIds`.
    """
    stem = stem_of(file_name)
    names = [
        *(str(PurePosixPath(file_name).parent / f"{stem}.png"), f"{stem}.png"),
        f"{stem}_labelTrainIds.png",
    ]
    if not stem.isdecimal():
        names.append(f"{image_name(number)}.png")
    return next((folder / name for name in names if os.path.isfile(folder / name)), None)
