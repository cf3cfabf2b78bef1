from pathlib import Path

import numpy as np
from PIL import ImageSequence
from PIL.GifImagePlugin import GifImageFile

from trecs.systems.interface import Frame
from trecs.systems.parts.growing import COLOUR, write_growing


def test_every_step_is_shown_with_its_window_and_the_last_without(tmp_path: Path) -> None:
    # By its class: a page that was opened in this process has PIL forget all but photos.
    shades = [np.full((4, 4, 3), shade, np.uint8) for shade in (0, 120, 250)]
    frames = [Frame(shade, (0.25, 0.25, 0.75, 0.75)) for shade in shades]
    write_growing(frames, 64, tmp_path / "growing.gif")
    shown = [
        np.asarray(frame.convert("RGB")).astype(int)
        for frame in ImageSequence.Iterator(GifImageFile(tmp_path / "growing.gif"))
    ]
    assert len(shown) == 4
    for picture, shade in zip(shown, (0, 120, 250, 250), strict=True):
        assert picture.shape == (64, 64, 3)
        assert abs(picture[2, 2] - shade).max() < 8
    assert abs(shown[1][16, 30] - COLOUR).max() < 8
    assert abs(shown[3][16, 30] - 250).max() < 8
