import numpy as np
from PIL import Image

from trecs.data.squeezing import squeezed


def test_photos_are_squeezed_whole() -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 40:] = 200
    small = squeezed(Image.fromarray(pixels), 20)
    assert small.shape == (20, 20, 3)
    assert (small[:, :8] == 0).all()
    assert (small[:, 12:] == 200).all()
