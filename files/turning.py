"""The way up of photos: what their EXIF orientation says of how they are to be turned."""

from PIL import ExifTags, Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo upright, by its EXIF orientation; 1 is upright."""

_SIDEWAYS = frozenset(_TURNS[orientation] for orientation in (5, 6, 7, 8))


def turn_of(picture: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright, as browsers and annotation tools show it; None: it is."""
    try:
        return _TURNS.get(int(picture.getexif().get(ExifTags.Base.Orientation, 1)))
    except Exception:  # PIL raises whatever the bytes lead to; without EXIF it is a photo, too
        return None


def upright_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height in pixels of a picture once it is upright."""
    width, height = picture.size
    return (height, width) if turn_of(picture) in _SIDEWAYS else (width, height)
