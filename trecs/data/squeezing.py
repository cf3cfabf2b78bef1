"""Pictures of any shape as squares."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def squeezed(picture: Image.Image, size: int) -> NDArray[np.uint8]:
    """A picture as (size, size, 3) uint8 RGB: all of it, by PIL's antialiased bicubic filter."""
    small = picture.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    return np.array(small, np.uint8)
