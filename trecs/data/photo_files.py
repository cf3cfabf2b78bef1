"""Photos as they come, brought into a data folder: whole, and the way up that annotations have."""

import io
import os
from pathlib import Path

from files.whole import copy_atomically, write_atomically
from retrieval.coco_files import CocoImage
from retrieval.photos import fitting_photo

QUALITY = 95  # of the JPEG of a photo that is turned


def bring_photo(source: Path, image: CocoImage, target: Path) -> None:
    """Puts a photo where training reads it, whole or not at all.

    A photo that its EXIF orientation turns is written upright, as browsers and annotation tools
    show it, or, where only that fits the annotations, as it is stored; others are linked. Raises
    BadPhoto where it cannot be read to its end or fits its annotations in neither way.
    """
    photo, as_stored = fitting_photo(source, image.width, image.height)
    if as_stored:
        link_or_copy(source, target)
        return
    content = io.BytesIO()
    photo.save(content, "JPEG", quality=QUALITY)
    write_atomically(target, content.getvalue())


def link_or_copy(source: Path, target: Path) -> None:
    """Links a file, or copies it where the file system has no links; whole or not at all.

    What is itself a symbolic link is followed: seen from another folder it may lead nowhere.
    """
    target.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        copy_atomically(source, target)
