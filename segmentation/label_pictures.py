"""Labels from the pictures that people have: by value, or by the colours of our palette.

An editor may sort a palette anew, so that an index no longer is a label: where all colours are
ours, they say what the labels are, in an indexed PNG as in an RGB one. Shades of grey are values
where one channel or a palette holds them.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from segmentation.interpolation import is_interpolated
from segmentation.labels import COUNT, UNLABELED, palette

EXPECTED = (
    f"expected a grey PNG whose values are COCO-Stuff labels (0-{COUNT - 1}, 255 = unlabeled), or "
    "one in the colours of the studio's own canvas.png"
)
SMOOTH = (
    "was resized with interpolation, or painted with a soft brush: along its edges lie {what} "
    "between those of its areas, which would be read as labels of other things. Scale label maps "
    "by nearest neighbour and paint them with a hard brush."
)
MOSTLY = 0.5  # of the pixels in our colours: it is a canvas that was scaled, no foreign picture


def labels_of(picture: Image.Image) -> NDArray[np.uint8]:
    """The values (H, W) of a label map as it was opened, none of which is checked yet.

    Raises InputError for transparent pixels, for colours that are not ours, and for a map that was
    resized with interpolation.
    """
    if _sees_through(picture):
        raise InputError(
            f"The label map has transparent pixels, which have no label; {EXPECTED}. Fill them, "
            "or paint them unlabeled."
        )
    if picture.mode in ("L", "LA"):
        values = np.asarray(picture.getchannel(0), np.uint8)
    elif picture.mode == "P":
        values = _of_palette(picture)
    elif picture.mode in ("RGB", "RGBA"):
        values = _of_colours(np.asarray(picture.convert("RGB")), picture.mode)
    else:
        raise InputError(f"The label map has mode {picture.mode}; {EXPECTED}.")
    if is_interpolated(values):
        raise InputError(f"The label map {SMOOTH.format(what='values')}")
    return values


def by_colours(picture: Image.Image) -> NDArray[np.uint8] | None:
    """The labels (H, W) of an indexed or RGB picture all of whose colours are ours; else None."""
    if picture.mode not in ("P", "RGB"):
        return None
    try:
        labels = _of_colours(np.asarray(picture.convert("RGB")), picture.mode)
    except InputError:
        return None
    return labels if bool((labels != UNLABELED).any()) else None  # others have that grey, too


def _sees_through(picture: Image.Image) -> bool:
    if not picture.has_transparency_data:
        return False
    return int(np.asarray(picture.convert("RGBA").getchannel("A")).min()) < 255


def _of_palette(picture: Image.Image) -> NDArray[np.uint8]:
    indices = np.asarray(picture, np.uint8)
    colours = np.zeros((256, 3), np.uint8)
    stored = np.array(picture.getpalette("RGB") or (), np.uint8).reshape(-1, 3)[:256]
    colours[: len(stored)] = stored
    used = np.unique(indices)
    if (colours[used] == palette()[used]).all() or (colours[used] == used[:, None]).all():
        return indices
    pixels = colours[indices]
    grey = bool((pixels == pixels[..., :1]).all())
    unlabeled = bool((colours[used] == palette()[UNLABELED]).all())
    return pixels[..., 0] if grey and not unlabeled else _of_colours(pixels, "P")


def _of_colours(pixels: NDArray[np.uint8], mode: str) -> NDArray[np.uint8]:
    """Labels of pixels (H, W, 3) by their colours; raises InputError where those are not ours."""
    codes, places = np.unique(_code(pixels), return_inverse=True)
    ours = {int(code): label for label, code in enumerate(_code(palette()[:COUNT]))}
    ours[int(_code(palette()[UNLABELED]))] = UNLABELED
    labels = np.array([ours.get(int(code), -1) for code in codes])
    if (labels >= 0).all():
        return labels.astype(np.uint8)[places].reshape(pixels.shape[:2])
    if (labels[places] >= 0).mean() >= MOSTLY:
        raise InputError(f"The label map {SMOOTH.format(what='colours')}")
    first = int(codes[labels < 0][0])
    raise InputError(
        f"The label map has mode {mode} and a colour that is no label's, #{first:06x}; {EXPECTED}. "
        "What another palette means is not known here."
    )


def _code(colours: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Colours (..., 3) as numbers 0xrrggbb."""
    return np.asarray(colours.astype(np.int64) @ [1 << 16, 1 << 8, 1], np.int64)
