"""How a picture came about that a system drew in steps, to be played."""

import json
from html import escape

import numpy as np

from trecs.interface.pixels import data_uri
from trecs.systems.interface import Drawing


def growth(title: str, drawing: Drawing) -> str:
    """The frames of a drawing, below each other in one picture of which the page shows one.

    Over it lies the window of the shown frame, as `comparison.js` places it. Empty where the
    system does not draw in steps.
    """
    frames, title = drawing.frames, escape(title)
    if len(frames) < 2:
        return ""
    strip = data_uri(np.concatenate([frame.picture for frame in frames]))
    windows = json.dumps([
        [round(100 * share, 2) for share in frame.window] if frame.window else None
        for frame in frames
    ])  # fmt: skip
    last = len(frames) - 1
    return (
        f"<h3>How {title} drew it</h3><p>Step by step; the frame is the window that it wrote "
        "through.</p>"
        f'<div class="growth" data-windows="{escape(windows)}" '
        f'style="--frames:{len(frames)};--frame:{last}">'
        f'<div class="grown" role="img" aria-label="What {title} has drawn so far" '
        f'style="background-image:url({strip})"><i hidden></i></div>'
        '<div class="player"><button type="button" class="play">Play</button>'
        f'<input type="range" min="0" max="{last}" step="1" value="{last}" '
        f'aria-label="Step of {title}"><output>{len(frames)} of {len(frames)}</output>'
        "</div></div>"
    )
