"""How far boxes are from standing to one another, or in the picture, as words say (reconstructed).

Each rule gives what is missing, in fractions of the picture, 0 where nothing is. A box may be a
table of boxes, spans of columns by spans of rows: its numbers are a row and a column.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmentation.labels import NAMES, is_thing
from trecs.text.rules import Rules

LARGER = 2.2  # times as large is "larger"
Number = Any  # a float, or an array of them that broadcasts to a table of boxes


@dataclass(frozen=True, eq=False)
class Box:
    """A box, or a table of boxes where `left`, `right` are (S,) and `top`, `bottom` (S, 1)."""

    left: Number
    top: Number
    right: Number
    bottom: Number

    @property
    def x(self) -> Number:
        """The middle across."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> Number:
        """The middle down."""
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> Number:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> Number:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def area(self) -> Number:
        """Width times height."""
        return self.width * self.height


@dataclass(frozen=True)
class Kind:
    """What a region's label is: a thing, a ground, something upright like the sky, or else."""

    label: int
    thing: bool
    ground: bool
    upright: bool

    @classmethod
    def of(cls, label: int) -> "Kind":
        """The kind of a label, by the tables of the grammar."""
        surfaces = Rules.read().surfaces
        name = NAMES[label]
        return cls(label, is_thing(label), name in surfaces["ground"], name in surfaces["upright"])

    @property
    def surface(self) -> bool:
        """Whether things are on it or before it, and its own outline tells little."""
        return self.ground or self.upright


def lacking(least: Number, value: Number) -> Number:
    """By how much a value falls short."""
    return np.maximum(least - value, 0)


def _gap(a: Box, b: Box) -> Number:
    """How far two boxes are apart, along the axis where they are further."""
    across = np.maximum(a.left - b.right, b.left - a.right)
    down = np.maximum(a.top - b.bottom, b.top - a.bottom)
    return np.maximum(np.maximum(across, down), 0)


def _common(low: Number, high: Number, other_low: Number, other_high: Number) -> Number:
    return np.maximum(np.minimum(high, other_high) - np.maximum(low, other_low), 0)


def overlap(a: Box, b: Box) -> Number:
    """The area that two boxes share."""
    across = _common(a.left, a.right, b.left, b.right)
    return across * _common(a.top, a.bottom, b.top, b.bottom)


def _far_across(a: Box, b: Box) -> Number:
    return np.maximum(abs(a.x - b.x) - (a.width + b.width) * 0.3, 0)


def _within(a: Box, b: Box) -> Number:
    """How far the middle of `a` is outside of `b`."""
    across = np.maximum(b.left - a.x, a.x - b.right)
    down = np.maximum(b.top - a.y, a.y - b.bottom)
    return np.maximum(across, 0) + np.maximum(down, 0)


def _times(wanted: Number, value: Number, other: Number) -> Number:
    """By how much `value` is less than `wanted` times `other`, on a logarithmic scale."""
    return 0.15 * np.maximum(np.log(wanted * other / np.maximum(value, 1e-4)), 0)


def missed_size(box: Box, size: int, usual: float) -> Number:
    """How far a box is from a size from -2, tiny, to 3, a close-up; `usual`: its area otherwise."""
    if size == -2:
        return _times(1, min(0.3 * usual, 0.02), box.area) + _times(1, box.area, 0.006)
    if size == -1:
        return _times(1, min(0.6 * usual, 0.06), box.area) + _times(1, box.area, 0.01)
    least = {1: max(1.3 * usual, 0.12), 2: max(2 * usual, 0.3), 3: 0.55}[size]
    return _times(1, box.area, min(least, 0.7))


def _left(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    apart = 0.1 if first.surface or second.surface else 1.0
    return np.maximum(a.x + 0.1 - b.x, 0) + apart * np.maximum(a.right - b.left - 0.02, 0)


def _right(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    return _left(b, a, second, first)


def _above(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    missed = np.maximum(a.y + 0.1 - b.y, 0)
    if first.thing or second.thing or second.surface:
        missed = missed + np.maximum(a.bottom - b.top - 0.04, 0)
    if not (first.surface or second.surface):
        missed = missed + 0.3 * _far_across(a, b)
    return missed


def _below(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    if first.ground or second.upright or not second.thing:
        return np.maximum(b.y + 0.12 - a.y, 0) + np.maximum(b.bottom + 0.02 - a.bottom, 0)
    over = np.maximum(b.y + 0.15 - a.y, 0) + np.maximum(b.bottom + 0.05 - a.bottom, 0)
    return over + np.maximum(b.y - a.top, 0) + 0.3 * _far_across(a, b)


def _on(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    across = np.maximum(np.maximum(b.left - a.x, a.x - b.right), 0)
    if second.upright:
        return _within(a, b)
    stands = np.maximum(b.top + 0.02 - a.bottom, 0)
    if second.ground:
        return across + stands + np.maximum(a.bottom - b.bottom, 0)
    seen = np.maximum(a.bottom - (b.top + 0.6 * b.height), 0) + np.maximum(a.y + 0.06 - b.y, 0)
    stands = np.maximum(b.top + 0.12 * b.height - a.bottom, 0)
    return across + stands + seen + 0.5 * np.maximum(a.width - 1.1 * b.width, 0)


def _in(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    if second.ground:
        return _on(a, b, first, second)
    if NAMES[second.label] in ("clothes", "hat", "tie", "backpack"):
        return _within(b, a)
    missed = _within(a, b)
    return missed if second.upright else missed + _times(1.2, b.area, a.area)


def _behind(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    if second.ground:
        return np.maximum(a.bottom - b.top - 0.1, 0)
    seen = np.maximum(a.top + 0.04 - b.top, 0) if first.thing or second.thing else 0.0
    hidden = np.maximum(overlap(a, b) / np.maximum(a.area, 1e-4) - 0.55, 0)
    lower = np.maximum(a.bottom + 0.05 - b.bottom, 0)
    return lower + seen + 0.3 * hidden + _far_across(a, b)


def _front(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    if second.upright or second.ground:
        return np.maximum(b.bottom - a.bottom - 0.02, 0)
    lower = np.maximum(b.bottom + 0.05 - a.bottom, 0)
    seen = np.maximum(overlap(a, b) / np.maximum(b.area, 1e-4) - 0.55, 0)
    return lower + 0.5 * seen + 0.5 * _far_across(a, b)


def _near(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    missed = np.maximum(_gap(a, b) - 0.03, 0)
    if first.thing and not second.surface:
        beside = np.maximum(_common(a.left, a.right, b.left, b.right) - 0.04, 0)
        missed = missed + beside + 0.5 * np.maximum(abs(a.bottom - b.bottom) - 0.2, 0)
    if first.thing and second.ground:  # at its farther or nearer edge
        missed = missed + np.maximum(np.minimum(a.bottom - b.top - 0.1, b.bottom - a.bottom), 0)
    return missed


def _with(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    return np.maximum(_gap(a, b) - 0.02, 0)


def _larger(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    return _times(LARGER, a.area, b.area)


def _smaller(a: Box, b: Box, first: Kind, second: Kind) -> Number:
    return _times(LARGER, b.area, a.area)


def missed_between(a: Box, b: Box, c: Box) -> Number:
    """How far `a` is from standing between the others, with room for it."""
    low, high = np.minimum(b.x, c.x), np.maximum(b.x, c.x)
    apart = np.maximum(0.3 - (high - low), 0)
    apart = apart + 0.5 * np.maximum(abs(b.bottom - c.bottom) - 0.2, 0)
    outside = np.maximum(low + 0.1 - a.x, 0) + np.maximum(a.x + 0.1 - high, 0)
    return outside + apart


def missed_amid(a: Box, b: Box) -> Number:
    """How far `a` is from the middle of a row of two, `b`, with room for it."""
    level = np.maximum(abs(a.bottom - b.bottom) - 0.15, 0)
    return np.maximum(abs(a.x - b.x) - 0.02, 0) + level + np.maximum(a.width + 0.35 - b.width, 0)


Relate = Callable[[Box, Box, Kind, Kind], Number]
RELATIONS: dict[str, Relate] = {
    "left": _left,
    "right": _right,
    "above": _above,
    "below": _below,
    "on": _on,
    "in": _in,
    "behind": _behind,
    "front": _front,
    "near": _near,
    "with": _with,
    "larger": _larger,
    "smaller": _smaller,
}


def _in_front(box: Box, kind: Kind, usual: float) -> Number:
    if kind.thing:
        return np.maximum(0.85 - box.bottom, 0) + _times(1, box.area, max(usual, 0.08))
    return np.maximum(0.92 - box.bottom, 0)


def _in_back(box: Box, kind: Kind, usual: float) -> Number:
    if kind.thing:
        return np.maximum(box.bottom - 0.68, 0) + _times(1, min(0.6 * usual, 0.08), box.area)
    return np.maximum(box.bottom - 0.72, 0)


def _far_away(box: Box, kind: Kind, usual: float) -> Number:
    if kind.thing:
        return np.maximum(box.bottom - 0.66, 0) + _times(1, min(0.4 * usual, 0.03), box.area)
    return np.maximum(box.bottom - 0.6, 0)


HINTS: dict[str, Callable[[Box, bool], Number]] = {
    "left": lambda box, first: _half(box.x, first),
    "right": lambda box, first: _half(box.x, not first),
    "above": lambda box, first: _half(box.y, first),
    "below": lambda box, first: _half(box.y, not first),
}
"""How far a box is from the half of the picture that leaves the other of a pair its room."""


def _half(middle: Number, low: bool) -> Number:
    return np.maximum(middle - 0.38, 0) if low else np.maximum(0.62 - middle, 0)


PLACES: dict[str, Callable[[Box, Kind, float], Number]] = {
    "left": lambda box, kind, usual: np.maximum(box.x - 0.32, 0),
    "right": lambda box, kind, usual: np.maximum(0.68 - box.x, 0),
    "top": lambda box, kind, usual: np.maximum(box.y - 0.3, 0),
    "bottom": lambda box, kind, usual: np.maximum(0.72 - box.y, 0),
    "middle": lambda box, kind, usual: (
        np.maximum(abs(box.x - 0.5) - 0.06, 0) + 0.5 * np.maximum(abs(box.y - 0.5) - 0.2, 0)
    ),
    "corner": lambda box, kind, usual: (
        np.maximum(0.25 - abs(box.x - 0.5), 0) + np.maximum(0.2 - abs(box.y - 0.5), 0)
    ),
    "front": _in_front,
    "back": _in_back,
    "far": _far_away,
}
