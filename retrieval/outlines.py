"""What a trace tells of a thing's outline, and how carefully (reconstructed).

Most people ring a thing: the loop tells where it is and how large, not what shape it has. Who
follows an outline draws what no plain loop has: corners, limbs, hollows. Both are told apart by
how much of the drawn shape the best plain loop of the same box misses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.masks import Box, fill_polygon

SIDE = 96  # pixels a side of the drawn shape
CLOSED = 0.25  # of the box's diagonal: a smaller gap between a stroke's ends is closed
FILLED = 0.6  # of the hull that a closed trace encloses at least; others are scribbles
CARELESS, CAREFUL = 0.03, 0.055  # of the shape that plain loops miss
HOLLOW = (0.06, 0.14)  # of the hull: what a wavering hand leaves out, what it leaves out on purpose
ONCE = 1.3  # times the shape's own outline: longer strokes go round more than once, or scribble
SQUARENESS = (2.0, 2.6, 4.0, 12.0)  # of plain loops: from ellipses to boxes


@dataclass(frozen=True, eq=False)
class Outline:
    """The shape that was drawn, (SIDE, SIDE) bool in the frame of its box.

    `care`: how much it tells, from 0, a plain loop, to 1. `followed`: how surely its hollows, too,
    are meant, in [0, 1].
    """

    shape: NDArray[np.bool_]
    care: float
    followed: float = 0.0


def drawn_outline(
    hull: NDArray[np.float64], strokes: Sequence[NDArray[np.float64]], box: Box
) -> Outline:
    """The outline of strokes (P, 2 or more) whose convex hull is (H, 2) and fills a box.

    Of a trace that encloses little (a scribble, an open line) only the hull is known.
    """
    filled = _in_frame(hull, box)
    whole = fill_polygon(filled, SIDE, SIDE)
    shape = _enclosed([_in_frame(stroke[:, :2], box) for stroke in strokes])
    if shape.sum() < FILLED * whole.sum():
        shape = whole
    missed = 1 - max(_overlap(shape, loop) for loop in _plain_loops(shape))
    care = float(np.clip((missed - CARELESS) / (CAREFUL - CARELESS), 0, 1))
    return Outline(shape, care, care * _followed(shape, whole, strokes, box))


def _followed(
    shape: NDArray[np.bool_],
    whole: NDArray[np.bool_],
    strokes: Sequence[NDArray[np.float64]],
    box: Box,
) -> float:
    """How surely one stroke led round a shape with hollows, once and without scribbling."""
    if len(strokes) != 1:
        return 0.0
    contours, _ = cv2.findContours(
        shape.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    around = max((cv2.arcLength(contour, True) for contour in contours), default=0.0)
    loop = _in_frame(strokes[0][:, :2], box) * SIDE
    if cv2.arcLength(loop.astype(np.float32), True) > ONCE * around:
        return 0.0
    hollow = 1 - shape.sum() / whole.sum()
    return float(np.clip((hollow - HOLLOW[0]) / (HOLLOW[1] - HOLLOW[0]), 0, 1))


def _in_frame(points: NDArray[np.float64], box: Box) -> NDArray[np.float64]:
    low, high = np.array(box[:2]), np.array(box[2:])
    return (points - low) / (high - low)


def _enclosed(strokes: Sequence[NDArray[np.float64]]) -> NDArray[np.bool_]:
    """What strokes in fractions of the box enclose, each closed where its ends are near."""
    picture = np.zeros((SIDE + 2, SIDE + 2), np.uint8)  # a rim outside
    for stroke in strokes:
        gap = float(np.linalg.norm(stroke[0] - stroke[-1]))
        corners = np.clip(stroke, 0, 1) * (SIDE - 1) + 1
        cv2.polylines(picture, [np.round(corners).astype(np.int32)], gap < CLOSED * np.sqrt(2), 1)
    cv2.floodFill(picture, None, (0, 0), 2)
    return picture[1:-1, 1:-1] != 2


def _plain_loops(shape: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Upright loops that fill the box, and the ellipse of the shape's own spread."""
    axis = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(axis, axis)
    loops = [np.abs(x) ** s + np.abs(y) ** s <= 1 for s in SQUARENESS]
    rows, columns = np.nonzero(shape)
    points = np.stack([axis[columns], axis[rows]])
    middle = points.mean(1, keepdims=True)
    spread = (points - middle) @ (points - middle).T / len(rows) + 1e-6 * np.eye(2)
    away = np.stack([x, y]).reshape(2, -1) - middle
    distance = (away * np.linalg.solve(spread, away)).sum(0).reshape(SIDE, SIDE)
    return [*loops, distance <= 4]  # an ellipse reaches two standard deviations


def _overlap(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    return float((first & second).sum() / max((first | second).sum(), 1))
