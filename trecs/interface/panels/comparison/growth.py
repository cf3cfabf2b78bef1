"""How a picture came about that a system drew in steps, to be played."""

import json
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from trecs.interface.pixels import data_uri
from trecs.interface.texts import escaped
from trecs.systems.interface import Drawing


def growth(title: str, drawing: Drawing) -> str:
    """The frames of a drawing, below each other in one picture of which the page shows one.

    Smaller ones, of stages that drew less, are brought to the side of the largest. Over it lies
    the window of the shown frame, as `comparison.js` places it. Empty where the system does not
    draw in steps.
    """
    frames = drawing.frames
    if len(frames) < 2:
        return ""
    side = max(len(frame.picture) for frame in frames)
    strip = data_uri(np.concatenate([_at(frame.picture, side) for frame in frames]))
    windows = json.dumps([
        [round(100 * share, 2) for share in frame.window] if frame.window else None
        for frame in frames
    ])  # fmt: skip
    windowed = any(frame.window for frame in frames)
    how = escaped("comparison.grew_how") if windowed else escaped("comparison.grew_in_steps")
    last = len(frames) - 1
    shown = escaped("comparison.step_of", number=len(frames), most=len(frames))
    return (
        f"<h3>{escaped('comparison.grew', system=title)}</h3>"
        f"<p>{how}</p>"
        f'<div class="growth" data-windows="{escape(windows)}" '
        f'style="--frames:{len(frames)};--frame:{last}">'
        f'<div class="grown" role="img" aria-label="{escaped("comparison.grown", system=title)}" '
        f'style="background-image:url({strip})"><i hidden></i></div>'
        f'<div class="player"><button type="button" class="play">{escaped("comparison.play")}'
        "</button>"
        f'<input type="range" min="0" max="{last}" step="1" value="{last}" '
        f'aria-label="{escaped("comparison.step", system=title)}"><output>{shown}</output>'
        "</div></div>"
    )


def _at(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A picture (S, S, 3) at another side, its pixels as squares."""
    if len(picture) == side:
        return picture
    scaled = cv2.resize(picture, (side, side), interpolation=cv2.INTER_NEAREST)
    return np.asarray(scaled, np.uint8)
