"""Which photos a library keeps of a folder, and libraries of photos and label maps alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.left_out import LeftOut
from files.pictures import open_map
from retrieval.coco_files import CocoImage
from retrieval.identity import ENDINGS, photo_of
from retrieval.library_writer import LibraryWriter
from retrieval.painted import scene_masks
from retrieval.photos import BadPhoto, fitting_photo, photo_code
from segmentation.canvas import check_label_map, instances_of
from segmentation.label_pictures import labels_of


class KeptPhotos:
    """The photos of a folder, as a library keeps them, by their images."""

    def __init__(self, folder: Path, images: Sequence[CocoImage], *, strict: bool = False) -> None:
        """Raises InputError where the folder has a photo of none of the images."""
        self._folder = folder
        self.count = 0  # of those that were asked for and could be used
        self._left_out = LeftOut("photos", len(images), strict=strict)
        if not any(photo_of(folder, image.file_name) for image in images):
            raise InputError(
                f"'{folder}' has no photo for any image of the annotations; expected files such as "
                f"'{images[0].file_name}'."
            )

    def code_of(self, image: CocoImage) -> bytes:
        """An image's photo as a JPEG; empty where there is none that can be used."""
        path = photo_of(self._folder, image.file_name)
        if path is None:
            self._left_out.add(f"'{image.file_name}'", "that are not in the folder")
            return b""
        try:
            photo, _ = fitting_photo(path, image.width, image.height)
        except BadPhoto as error:
            self._left_out.add(f"'{path}'", error.why, str(error))
            return b""
        self.count += 1
        return photo_code(photo)

    def report(self) -> list[str]:
        """What the user should know, a line each; raises InputError where none could be used."""
        if not self.count:
            raise InputError(
                f"No photo of '{self._folder}' can be used: {' '.join(self._left_out.lines())}."
            )
        return list(self._left_out.lines())


def build_painted_library(
    photos: Path,
    labels: Path,
    out: Path,
    *,
    strict: bool = False,
    embed: Callable[[Path], None] | None = None,
) -> tuple[int, int, list[str]]:
    """Builds a library of photos and label maps of the same names; a thing is a connected part.

    Returns how many scenes and masks it has, and what the user should know. `strict` and `embed`
    as for `retrieval.coco.build_library`. Raises InputError where no photo has a map that can be
    used; then `out` stays as it was.
    """
    from files.progress import progress_bar

    pairs = list(_pairs(photos, labels))
    left_out = LeftOut("photos", len(pairs), strict=strict)
    with LibraryWriter(out, photos=True) as writer:
        for photo, label_path in progress_bar(pairs, desc="scenes", unit="scene"):
            label_map = read_labels(label_path)
            try:
                picture, _ = fitting_photo(photo, label_map.shape[1], label_map.shape[0])
            except BadPhoto as error:
                left_out.add(f"'{photo}'", error.why, str(error))
                continue
            masks = scene_masks(label_map, instances_of(label_map))
            if masks:
                writer.append_scene(photo.stem, masks, photo_code(picture))
            else:
                left_out.add(f"'{photo}'", "with an empty label map")
        if not writer.scene_count:
            raise InputError(f"No photo of '{photos}' can be used: {' '.join(left_out.lines())}.")
        writer.finish(f"photos: {photos.name}, {labels.name}", embed)
        return writer.scene_count, writer.mask_count, list(left_out.lines())


def read_labels(path: Path) -> NDArray[np.uint8]:
    """A label map beside a photo, (H, W) uint8; raises InputError where it cannot be read."""
    opened = open_map(path, "label map")
    try:
        return check_label_map(labels_of(opened))
    except InputError as error:
        raise InputError(f"'{path}': {error}") from error


def _pairs(photos: Path, labels: Path) -> list[tuple[Path, Path]]:
    """Photos with the maps that are called as they are; raises InputError where there is none."""
    for folder in (photos, labels):
        if not folder.is_dir():
            raise InputError(f"There is no folder '{folder}'; expected one of pictures.")
    found = sorted(path for path in photos.iterdir() if path.suffix.lower() in ENDINGS)
    pairs = [(photo, labels / f"{photo.stem}.png") for photo in found]
    there = [(photo, path) for photo, path in pairs if path.is_file()]
    if not there:
        raise InputError(
            f"'{labels}' has no label map for any of the {len(found):,} photos in '{photos}'; "
            "expected PNG files that are called as the photos are."
        )
    return there
