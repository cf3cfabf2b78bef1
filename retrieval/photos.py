"""The photos of a library's scenes: read beside their annotations, kept as JPEGs of its own.

A library keeps its photos, so that it may be moved, and lent, without the folder that they came
from; scaled down, for a picture takes no more of them, and without their metadata.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.pictures import open_picture, read_rgb
from files.turning import turn_of, upright_size
from retrieval.columns import open_column
from retrieval.stuff_maps import same_shape

SIDE = 512  # pixels of a kept photo's longer side at most
QUALITY = 92  # of its JPEG
UNREADABLE = "that cannot be read"
OTHER_SHAPE = "of another shape than their annotations"


class BadPhoto(InputError):
    """A photo that cannot be used; `why` in words that many can share."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


class ScenePhotos:
    """The photos of a library's scenes, mapped into memory; some scenes may have none."""

    def __init__(self, folder: Path, scenes: int, version: str) -> None:
        """Raises InputError where the columns are missing or damaged."""
        self._folder = folder
        self._codes: NDArray[np.uint8] = open_column(folder, "photos", None, version)
        self._starts: NDArray[np.int64] = open_column(folder, "photo_starts", scenes + 1, version)
        starts = self._starts
        if starts[0] != 0 or starts[-1] != len(self._codes) or (np.diff(starts) < 0).any():
            raise InputError(
                f"The library '{folder}' is damaged (photo_starts.npy does not lead through "
                "photos.npy); build it again with `trecs library build --photos`."
            )

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which scenes have a photo, (S,)."""
        return np.diff(self._starts) > 0

    def code(self, scene: int) -> bytes:
        """A scene's photo as the JPEG that is stored; empty where it has none."""
        return self._codes[self._starts[scene] : self._starts[scene + 1]].tobytes()

    def read(self, scene: int) -> NDArray[np.uint8]:
        """A scene's photo, (H, W, 3) uint8 RGB; raises InputError where it is damaged."""
        try:
            return np.asarray(read_rgb(self.code(scene)))
        except InputError as error:
            raise InputError(
                f"The photo of scene {scene} in the library '{self._folder}' is damaged; build it "
                "again with `trecs library build --photos`."
            ) from error


def fitting_photo(source: Path, width: int, height: int) -> tuple[Image.Image, bool]:
    """A photo, RGB, the way up that annotations of a width and height in pixels have.

    Upright by its EXIF orientation, as browsers and annotation tools show it, or, where only that
    fits, as it is stored; and whether the file itself shows the same. Raises BadPhoto where it
    cannot be read to its end or fits in neither way.
    """
    try:
        picture = open_picture(source, "photo")
        photo = read_rgb(source, "photo")
    except InputError as error:
        raise BadPhoto(UNREADABLE, str(error)) from error
    turn, upright = turn_of(picture), upright_size(picture)
    if same_shape(upright, (width, height)):
        return (photo, True) if turn is None else (photo.transpose(turn), False)
    if turn is None or not same_shape(picture.size, (width, height)):
        raise BadPhoto(
            OTHER_SHAPE,
            f"the photo '{source}' is {upright[0]}x{upright[1]}, but annotated as {width}x{height}",
        )
    return photo, False


def upright_photo(source: Path) -> Image.Image:
    """A photo, RGB, turned as its EXIF says; raises InputError where it cannot be read."""
    turn, photo = turn_of(open_picture(source, "photo")), read_rgb(source, "photo")
    return photo if turn is None else photo.transpose(turn)


def photo_code(photo: Image.Image) -> bytes:
    """A photo, RGB, as a library keeps it: a JPEG of at most SIDE pixels a side."""
    scale = SIDE / max(photo.size)
    if scale < 1:
        width, height = (max(round(side * scale), 1) for side in photo.size)
        photo = photo.resize((width, height), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    Image.fromarray(np.asarray(photo)).save(content, "JPEG", quality=QUALITY)  # pixels alone
    return content.getvalue()
