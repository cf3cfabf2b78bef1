"""What somebody did by hand to masks that were placed: moved, scaled, turned, mirrored and more.

A move is told against where its mask was placed, so that a list of them, one for each mask, says
all: what comes later replaces what was there. The canvas is taken for a square.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.labels import NAMES, NEVER_IN_COCO, value_of
from segmentation.masks import Mask, pixels, resize_bitmap

MOST = 200  # moves of one canvas
FARTHEST = 3.0  # sides of the canvas that a mask is shifted
SCALES = (0.02, 50.0)
LARGEST = 4.0  # sides of the canvas that a scaled mask may have
MOST_PIXELS = 2**25  # of all masks that are moved, before they are turned
BAND = 256  # rows that are turned at a time
EXPECTED = (
    'expected a list such as [{"region": 0, "shift": [0.1, 0], "scale": [1.5, 1.5], "turn": 90}]'
)


@dataclass(frozen=True)
class Move:
    """What was done to one mask, against how it was placed.

    `region`: the number of its placement, from 0. `part`: which of its masks, where it is a group.
    `copy`: 0 for the mask itself, 1, 2, ... for its duplicates, each of which is there if a move
    tells of it. About the middle of its box it is mirrored left to right, scaled by `scale` (across
    and down), and turned by `turn` degrees clockwise, then moved by `shift` in fractions of the
    canvas (right and down). `order`: its place from back to front, among those that
    `segmentation.moving.painting_order` counts from 0, stuff with things; None where it stays.
    `label`: another COCO-Stuff value, or None.
    """

    region: int
    part: int = 0
    copy: int = 0
    shift: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    turn: float = 0.0
    mirrored: bool = False
    order: float | None = None
    label: int | None = None
    deleted: bool = False

    @property
    def key(self) -> tuple[int, int, int]:
        """Which mask it is of."""
        return self.region, self.part, self.copy

    @property
    def in_place(self) -> bool:
        """Whether the mask stays where and as it was placed."""
        same = self.shift == (0, 0) and self.scale == (1, 1)
        return same and self.turn % 360 == 0 and not self.mirrored

    def to_json(self) -> dict[str, Any]:
        """The move as JSON values: its mask, and what is not as it was; the label by its name."""
        told: dict[str, Any] = {"region": self.region}
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                told[field.name] = list(value) if isinstance(value, tuple) else value
        if self.label is not None:
            told["label"] = NAMES[self.label]
        return told


@dataclass(frozen=True)
class Moved:
    """What became of a mask: its move, its label, its order, and the middle (x, y) of its box
    before, in fractions of the canvas."""

    move: Move
    label: int
    order: float
    middle: tuple[float, float]

    def before(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where places of the canvas were before the move, all in fractions."""
        move, (cx, cy) = self.move, self.middle
        angle = math.radians(move.turn)
        cos, sin = math.cos(angle), math.sin(angle)
        x, y = x - cx - move.shift[0], y - cy - move.shift[1]
        across, down = (cos * x + sin * y) / move.scale[0], (cos * y - sin * x) / move.scale[1]
        return cx + (-across if move.mirrored else across), cy + down


def moved_mask(mask: Mask, move: Move, size: int) -> Mask:
    """The mask after a move, on the pixels of a (size, size) canvas, also beyond its edges."""
    if move.in_place:
        return mask
    left, right = pixels(mask.box[0], mask.box[2], size)
    top, bottom = pixels(mask.box[1], mask.box[3], size)
    width, height = (right - left) * move.scale[0], (bottom - top) * move.scale[1]
    bitmap = resize_bitmap(mask.bitmap, max(round(height), 1), max(round(width), 1))
    if move.mirrored:
        bitmap = bitmap[:, ::-1]
    bitmap = np.ascontiguousarray(_turned(bitmap, move.turn))
    x, y = (left + right) / 2 + move.shift[0] * size, (top + bottom) / 2 + move.shift[1] * size
    low = (_rounded(x - bitmap.shape[1] / 2), _rounded(y - bitmap.shape[0] / 2))
    high = (low[0] + bitmap.shape[1], low[1] + bitmap.shape[0])
    return Mask((low[0] / size, low[1] / size, high[0] / size, high[1] / size), bitmap)


def check_sizes(moved: Sequence[tuple[Mask, Move]], size: int) -> None:
    """Raises InputError where a mask becomes larger than four canvases side by side, or all
    together have more pixels than are held on a (size, size) canvas."""
    area = 0.0  # in canvases
    for mask, move in moved:
        left, top, right, bottom = mask.box
        width, height = (right - left) * move.scale[0], (bottom - top) * move.scale[1]
        if max(width, height) > LARGEST:
            raise InputError(
                f"The mask of region {move.region} would become larger than {LARGEST:.0f} "
                f"canvases; scale it by less than {move.scale[0]:g} x {move.scale[1]:g}."
            )
        area += 0 if move.in_place else width * height
    if area * size**2 > MOST_PIXELS:
        raise InputError(
            f"The masks that are moved would have {area * size**2 / 10**6:,.0f} million pixels; "
            f"at most {MOST_PIXELS // 10**6} are drawn. Scale them less, or move fewer."
        )


def read_moves(told: object, name: str = "moves") -> tuple[Move, ...]:
    """Moves from JSON values, as `Move.to_json` writes them; raises InputError for anything else.

    `name`: what they are called in an error.
    """
    if told is None:
        return ()
    if not isinstance(told, Sequence) or isinstance(told, str):
        raise InputError(f"'{name}' is no list; {EXPECTED}.")
    if len(told) > MOST:
        raise InputError(f"'{name}' has {len(told)} moves; expected at most {MOST}.")
    moves = tuple(_read(one, f"{name}[{i}]") for i, one in enumerate(told))
    check_once(moves)
    return moves


def check_once(moves: Sequence[Move]) -> None:
    """Raises InputError where two moves are of the same mask."""
    keys = [move.key for move in moves]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(
            f"Two moves are of the same mask (region {twice[0]}, part {twice[1]}, copy {twice[2]})"
            "; tell one of each, against where it was placed."
        )


def _read(told: object, where: str) -> Move:
    if not isinstance(told, dict) or "region" not in told:
        raise InputError(f"'{where}' is no object with a region; {EXPECTED}.")
    unknown = told.keys() - {field.name for field in fields(Move)}
    if unknown:
        names = ", ".join(field.name for field in fields(Move))
        raise InputError(f"'{where}' has '{min(map(str, unknown))}'; expected {names}.")
    given: dict[str, Any] = {}
    for name in ("region", "part", "copy"):
        value = told.get(name, 0)
        if type(value) is not int or not 0 <= value < 10_000:
            raise InputError(f"'{where}.{name}' is {value!r}; expected a number from 0.")
        given[name] = value
    given["shift"] = _pair(told.get("shift", (0, 0)), f"{where}.shift", -FARTHEST, FARTHEST)
    given["scale"] = _pair(told.get("scale", (1, 1)), f"{where}.scale", *SCALES)
    given["turn"] = _number(told.get("turn", 0), f"{where}.turn", -1e6, 1e6)
    for name in ("mirrored", "deleted"):
        if type(told.get(name, False)) is not bool:
            raise InputError(f"'{where}.{name}' is {told[name]!r}; expected true or false.")
        given[name] = told.get(name, False)
    if told.get("order") is not None:
        given["order"] = _number(told["order"], f"{where}.order", -1e6, 1e6)
    if told.get("label") is not None:
        given["label"] = _label(told["label"], f"{where}.label")
    return Move(**given)


def _label(told: object, where: str) -> int:
    if not isinstance(told, str):
        raise InputError(f"'{where}' is {told!r}; expected a label's name, such as 'dog'.")
    label = value_of(told)
    if label in NEVER_IN_COCO:
        raise InputError(f"'{where}' is '{told}', which nothing in COCO has; choose another label.")
    return label


def _pair(told: object, where: str, low: float, high: float) -> tuple[float, float]:
    if not isinstance(told, Sequence) or isinstance(told, str) or len(told) != 2:
        raise InputError(f"'{where}' is {told!r}; expected two numbers.")
    return _number(told[0], where, low, high), _number(told[1], where, low, high)


def _number(told: object, where: str, low: float, high: float) -> float:
    if not isinstance(told, int | float) or isinstance(told, bool) or not low <= told <= high:
        raise InputError(f"'{where}' is {told!r}; expected a number from {low:g} to {high:g}.")
    return float(told)


def _turned(bitmap: NDArray[np.bool_], degrees: float) -> NDArray[np.bool_]:
    """A (h, w) bitmap turned clockwise about its middle, in the box that it then needs."""
    if degrees % 90 == 0:
        return np.rot90(bitmap, -int(degrees // 90) % 4)
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    height, width = bitmap.shape
    across = math.ceil(abs(width * cos) + abs(height * sin))
    down = math.ceil(abs(width * sin) + abs(height * cos))
    source, full = bitmap.astype(np.float32), np.empty((down, across), np.float32)
    x = np.arange(across) + 0.5 - across / 2
    for top in range(0, down, BAND):  # of large ones the coordinates alone would fill the memory
        y = np.arange(top, min(top + BAND, down))[:, None] + 0.5 - down / 2
        full[top : top + BAND] = cv2.remap(
            source,
            (cos * x + sin * y + width / 2 - 0.5).astype(np.float32),
            (cos * y - sin * x + height / 2 - 0.5).astype(np.float32),
            cv2.INTER_LINEAR,
        )
    return (full >= min(0.5, full.max())) & (full > 0)


def _rounded(value: float) -> int:
    """To the nearest whole number; halves go up, so that a shift by whole pixels changes none."""
    return math.floor(value + 0.5)
