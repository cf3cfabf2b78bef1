"""Outlines that a stranger names: photos' silhouettes that were picked by eye, and drawn ones.

Reconstructed. Most outlines of photos show something else's edge, or a pose that tells nothing, so
people looked through those of the sets in `trecs.data.dataset` and listed the telling ones in
`telling.csv`: label, photo, and where its box lies, in fractions of the photo. `outlines.json` has
simple outlines that were drawn for this project, of labels whose photos show few whole things
(houses, trees, buses): by label, polygons that are filled, cut out of those, and filled again.
"""

import csv
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import NAMES, value_of
from segmentation.masks import Box, fill_polygon

NEAR = 0.004  # how far numbers of a box may lie from the listed ones, which are rounded
FINE = 384  # pixels of the longer side at which an outline is drawn


class _Pick(NamedTuple):
    label: int
    place: tuple[float, float, float]  # middle of the box, x and y, and its width


def is_telling(label: int, photo: str, box: Box) -> bool:
    """Whether the silhouette of a label in a box of a photo ("set/name") was picked."""
    left, top, right, bottom = box
    place = ((left + right) / 2, (top + bottom) / 2, right - left)
    return any(
        pick.label == label and np.allclose(pick.place, place, rtol=0, atol=NEAR)
        for pick in _picked().get(photo, ())
    )


def drawn(label: int) -> list[tuple[NDArray[np.bool_], float]]:
    """The drawn outlines of a label: bitmaps (h, w) bool that fill their box, and aspects."""
    found = []
    for outline in _drawings().get(NAMES[label], ()):
        parts = {kind: [np.array(p, float) for p in outline.get(kind, ())] for kind in KINDS}
        everything = np.concatenate(parts["filled"] + parts["over"])
        low, size = everything.min(0), np.ptp(everything, 0)
        columns, rows = np.round(FINE * size / size.max()).astype(int)
        bitmap = np.zeros((rows, columns), bool)
        for kind in KINDS:
            for points in parts[kind]:
                inside = fill_polygon((points - low) / size, rows, columns)
                bitmap = bitmap & ~inside if kind == "cut" else bitmap | inside
        found.append((bitmap, float(size[0] / size[1])))
    return found


KINDS = ("filled", "cut", "over")  # in the order in which they are drawn


@cache
def _picked() -> dict[str, list[_Pick]]:
    picks: dict[str, list[_Pick]] = {}
    with Path(__file__).with_name("telling.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = float(row["x"]), float(row["y"]), float(row["width"])
            picks.setdefault(row["photo"], []).append(_Pick(value_of(row["label"]), place))
    return picks


@cache
def _drawings() -> dict[str, list[dict[str, list[list[list[float]]]]]]:
    text = Path(__file__).with_name("outlines.json").read_text(encoding="utf-8")
    drawings: dict[str, list[dict[str, list[list[list[float]]]]]] = json.loads(text)
    return drawings
