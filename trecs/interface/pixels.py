"""Label colours and pictures as the page's HTML holds them."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmentation.labels import palette


def colour(label: int) -> str:
    """A label's palette colour for CSS."""
    red, green, blue = palette()[label].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture as a PNG that stands in the page itself."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3 or 4) uint8 as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
