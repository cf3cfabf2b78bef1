"""Label colours and pictures as the page's HTML holds them."""

import base64

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import palette
from trecs.picture_record import png


def colour(label: int) -> str:
    """A label's palette colour for CSS."""
    red, green, blue = palette()[label].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture as a PNG that stands in the page itself."""
    return png_uri(png(pixels))


def png_uri(content: bytes) -> str:
    """A PNG file's content as one that stands in the page itself."""
    return "data:image/png;base64," + base64.b64encode(content).decode()
