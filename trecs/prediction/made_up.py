"""Narratives made up for photos without any: labels in an order that narratives would have.

Reconstructed. How often a label of a photo is mentioned depends on its area; some mentions have a
word that tells where the region lies ("left", "background"), and such words are always true.
"""

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import is_thing
from segmentation.masks import Box
from trecs.prediction.examples import FINE, Example, Grid, Scene, box
from trecs.prediction.network import CUE_INPUTS, cue_inputs

MOST_REGIONS = 12
CROWD_SHARE = 0.6  # of several things of a label that are mentioned together
THINGS_MENTIONED = ((0.001, 0.01, 0.03, 0.3, 1.0), (0.2, 0.5, 0.75, 0.8, 0.95))
STUFF_MENTIONED = ((0.0, 0.1, 0.3, 1.0), (0.2, 0.25, 0.4, 0.65))
"""Area of a label in a photo, and how often narratives mention it then (our training photos)."""
CUE_BEFORE_SHARE = 0.3  # of the made-up cues that end the run before
STUFF_PART, CROWD_PART = 4, 10  # parts smaller than the largest by more than this are not meant


def made_up_example(scene: Scene, order: NDArray[np.float64], rng: np.random.Generator) -> Example:
    """A narrative that might be told of a scene; `order` as in `TraceData`."""
    said: list[tuple[float, int, Grid, str]] = []
    for label, grids in scene.grids.items():
        areas = grids.mean((1, 2)) / 255
        if rng.random() > np.interp(
            areas.sum(), *(THINGS_MENTIONED if is_thing(label) else STUFF_MENTIONED)
        ):
            continue
        place = order[label] + rng.normal(0, 0.25)
        if not is_thing(label):
            said.append((place, label, _together(grids, areas, STUFF_PART), "it"))
        elif len(grids) > 1 and rng.random() < CROWD_SHARE:
            several = (areas >= areas.max() / CROWD_PART).sum() > 1
            whole = _together(grids, areas, CROWD_PART)
            said.append((place, label, whole, "many" if several else "it"))
        else:
            count = min(len(grids), int(rng.geometric(0.6)))
            for i in range(count):
                said.append((place + 0.1 * i, label, grids[i], "another" if i else "it"))
    said = sorted(said, key=lambda mention: mention[0])[:MOST_REGIONS]
    words: list[str] = []
    spans = []
    for _, _, cells, own in said:
        cue = _cue(box(cells), rng)
        before = cue != "" and rng.random() < CUE_BEFORE_SHARE
        words += [cue] if before else []
        start = len(words)
        words += [own] if before or not cue else [own, cue]
        spans.append((start, len(words)))
    cues = [cue_inputs(words, start, stop) for start, stop in spans]
    return Example(
        np.array([label for _, label, _, _ in said], np.int64),
        np.array(cues, np.float32).reshape(-1, CUE_INPUTS),
        np.array([cells for _, _, cells, _ in said], np.uint8).reshape(-1, FINE, FINE),
    )


def _together(grids: Grid, areas: NDArray[np.floating], part: float) -> Grid:
    """All masks in one but for the small ones."""
    together: Grid = grids[areas >= areas.max() / part].max(0)
    return together


def _cue(box: Box, rng: np.random.Generator) -> str:
    """A word that tells where a box lies, or that says nothing: ''."""
    left, top, right, bottom = box
    x, y, width = (left + right) / 2, (top + bottom) / 2, right - left
    fitting = []
    if width < 0.6 and abs(x - 0.5) > 0.12:
        fitting += ["left" if x < 0.5 else "right"] * 3
    if bottom < 0.6:
        fitting += ["top", "top", "above"]
    if top > 0.4:
        fitting += ["bottom", "bottom", "ground"]
    if abs(x - 0.5) < 0.12 and abs(y - 0.5) < 0.2:
        fitting += ["middle", "center"]
    if bottom < 0.8:
        fitting += ["background", "background", "behind", "back"]
    if bottom > 0.9:
        fitting += ["front", "foreground"]
    if width * (bottom - top) > 0.4:
        fitting += ["big", "large"]
    if width * (bottom - top) < 0.02:
        fitting += ["small"]
    if not fitting or rng.random() < 0.6:
        return ""
    return str(rng.choice(fitting))
