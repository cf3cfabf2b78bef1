"""How a picture came about that a system drew in steps, to be played."""

import json
from html import escape

import numpy as np

from trecs.interface.pixels import data_uri
from trecs.interface.texts import escaped
from trecs.systems.interface import Drawing


def growth(title: str, drawing: Drawing) -> str:
    """The frames of a drawing, below each other in one picture of which the page shows one.

    Over it lies the window of the shown frame, as `comparison.js` places it. Empty where the
    system does not draw in steps.
    """
    frames = drawing.frames
    if len(frames) < 2:
        return ""
    strip = data_uri(np.concatenate([frame.picture for frame in frames]))
    windows = json.dumps([
        [round(100 * share, 2) for share in frame.window] if frame.window else None
        for frame in frames
    ])  # fmt: skip
    last = len(frames) - 1
    shown = escaped("comparison.step_of", number=len(frames), most=len(frames))
    return (
        f"<h3>{escaped('comparison.grew', system=title)}</h3>"
        f"<p>{escaped('comparison.grew_how')}</p>"
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
