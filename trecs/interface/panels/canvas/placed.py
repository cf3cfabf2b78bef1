"""The canvas with the masks that lie on it, as the browser gets it, and what comes back of them.

What the browser gets is the label map's JSON with `placed` beside it:

    root       of which choice of masks it is; the browser's history is undone within one
    picks      of each region, the rank of the candidate that is placed
    pieces     {region, part, label, order, left, top, width, height, runs}: each mask as it was
               placed, in pixels; runs are lengths, in rows, of outside, inside, outside, ...
    moves      as `segmentation.moves` writes them
    composed   the runs of the label map before anything was painted
    turn       the number that the browser gave the moves that this answers; null where nobody asked
    done       whether this was the last answer to that
    failed     whether the moves could not be made, so that these count, which are older

It sends {turn, root, picks, moves, painted}, the last the JSON of a label map that is 255 where
nobody painted, or the empty text.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.choice import Choice
from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.masks import pixels, resize_bitmap
from segmentation.moves import Move, read_moves
from segmentation.moving import painting_order
from trecs.interface.panels.canvas.label_editor import LabelEditor, decode_runs, encode_runs
from trecs.interface.texts import text
from trecs.result import Result


@dataclass(frozen=True, eq=False)
class Shown:
    """A result's canvas with its masks. `as_placed`: those before any move, one for each region."""

    result: Result
    as_placed: tuple[Placement, ...] = ()
    turn: int | None = None
    done: bool = False
    failed: bool = False


@dataclass(frozen=True, eq=False)
class Asked:
    """What somebody did on the page: moves of masks, of which choice, below what was painted."""

    turn: int
    root: str
    picks: tuple[int, ...]
    moves: tuple[Move, ...]
    painted: NDArray[np.uint8] | None

    @staticmethod
    def of(data: object) -> "Asked":
        """From what the browser sends; raises InputError for anything else."""
        given = data if isinstance(data, dict) else {}
        turn, root, picks = given.get("turn"), given.get("root"), given.get("picks")
        above = given.get("painted")
        if not (
            type(turn) is int
            and isinstance(root, str)
            and isinstance(picks, list)
            and all(type(pick) is int for pick in picks)
            and isinstance(above, str)
        ):
            raise InputError(text("canvas.outdated"))
        painted = decode_runs(above) if above else None
        return Asked(turn, root, tuple(picks), read_moves(given.get("moves")), painted)

    def choices(self, result: Result | None) -> tuple[Choice, ...]:
        """A result's choices as they were picked; raises InputError where it has others."""
        found = result.retrieval.choices if result and result.retrieval else ()
        if not found or root_of(found) != self.root or len(self.picks) != len(found):
            raise InputError(text("canvas.outdated"))
        if not all(0 <= p < len(c.candidates) for p, c in zip(self.picks, found, strict=True)):
            raise InputError(text("canvas.outdated"))
        return tuple(replace(c, selected=p) for p, c in zip(self.picks, found, strict=True))


def turn_of(data: object) -> int | None:
    """The number of what the browser asks, also where the rest of it cannot be used."""
    turn = data.get("turn") if isinstance(data, dict) else None
    return turn if type(turn) is int else None


class PlacedEditor(LabelEditor):
    """The label editor of the page, which also moves masks."""

    def encode(self, value: Canvas | Shown) -> str:
        """The run-length JSON of a canvas, with its masks where they are known."""
        if isinstance(value, Canvas):
            return super().encode(value)
        assert value.result.canvas is not None
        told = json.loads(encode_runs(value.result.canvas.label_map))
        return json.dumps({**told, "placed": _placed(value)}, separators=(",", ":"))


def root_of(choices: Sequence[Choice]) -> str:
    """A name for choices of masks, the same whichever of their candidates are selected."""
    told = [(c.query.label, c.count, [one.mask for one in c.candidates]) for c in choices]
    hulls = b"".join(np.ascontiguousarray(c.query.hull).tobytes() for c in choices)
    return f"{zlib.crc32(repr(told).encode() + hulls):08x}"


def _placed(shown: Shown) -> dict[str, Any] | None:
    composed = shown.result.composed or shown.result
    retrieval = shown.result.retrieval
    if retrieval is None or composed.canvas is None or not shown.as_placed:
        return None
    size = len(composed.canvas.label_map)
    order = {part: place for place, part in enumerate(painting_order(shown.as_placed, size))}
    return {
        "root": root_of(retrieval.choices),
        "picks": [choice.selected for choice in retrieval.choices],
        "pieces": [
            _piece(placement, region, part, order[region, part], size)
            for region, placement in enumerate(shown.as_placed)
            for part in range(len(placement.masks))
        ],
        "moves": [move.to_json() for move in shown.result.moves],
        "composed": json.loads(encode_runs(composed.canvas.label_map))["runs"],
        "turn": shown.turn,
        "done": shown.done,
        "failed": shown.failed,
    }


def _piece(placement: Placement, region: int, part: int, order: int, size: int) -> dict[str, Any]:
    mask = placement.masks[part]
    left, right = pixels(mask.box[0], mask.box[2], size)
    top, bottom = pixels(mask.box[1], mask.box[3], size)
    bitmap = resize_bitmap(mask.bitmap, bottom - top, right - left)
    return {
        "region": region,
        "part": part,
        "label": placement.label,
        "order": order,
        "left": left,
        "top": top,
        "width": right - left,
        "height": bottom - top,
        "runs": bitmap_runs(bitmap),
    }


def bitmap_runs(bitmap: NDArray[np.bool_]) -> list[int]:
    """The lengths of the runs of a (h, w) bitmap, in rows: outside, inside, outside, ..."""
    flat = np.concatenate([[False], bitmap.reshape(-1)])
    edges = np.flatnonzero(np.diff(flat))
    lengths: list[int] = np.diff([0, *edges, bitmap.size]).tolist()
    return lengths
