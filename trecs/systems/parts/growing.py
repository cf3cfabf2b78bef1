"""A picture that grew, as a film with the window of each step (as in Gregor et al., figure 7)."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from trecs.systems.interface import Frame

PAUSE, REST = 200, 1500  # milliseconds that a step and the last one are shown
COLOUR = (220, 30, 30)


def write_growing(frames: Sequence[Frame], side: int, path: Path) -> None:
    """Writes a GIF of `side` pixels, a picture a step and at its end the last without a window."""
    shown = [_shown(frame, side) for frame in frames]
    shown.append(_shown(Frame(frames[-1].picture), side))
    pauses = [PAUSE] * len(frames) + [REST]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=pauses, loop=0)


def _shown(frame: Frame, side: int) -> Image.Image:
    image = Image.fromarray(frame.picture).resize((side, side), Image.Resampling.NEAREST)
    if frame.window is not None:
        edges = tuple(round(share * side) for share in frame.window)
        ImageDraw.Draw(image).rectangle(edges, outline=COLOUR, width=2)
    return image
