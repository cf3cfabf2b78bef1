"""What was composed, once more: of other masks, of moved ones, or as a picture remembers it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.choice import Choice
from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.moves import Move
from segmentation.moving import moved
from segmentation.told_colours import ToldColours
from trecs.learning.clock import Laps
from trecs.narrative import Narrative
from trecs.picture_record import PictureRecord
from trecs.result import Result
from trecs.retrieved import Retrieval


class Stages(Protocol):
    """The stages of the pipeline that are gone through again."""

    def stages(self, narrative: Narrative, seed: int = 0, *, size: int = 256) -> Iterator[Result]:
        """All of them."""

    def place(self, retrieval: Retrieval) -> tuple[Placement, ...]:
        """The chosen masks where they go."""

    def compose(
        self, retrieval: Retrieval, size: int = 256, placements: Sequence[Placement] | None = None
    ) -> Canvas:
        """The canvas of them."""

    def synthesize(
        self,
        canvas: Canvas,
        seed: int = 0,
        told: ToldColours | None = None,
        result: Result | None = None,
    ) -> NDArray[np.uint8]:
        """Its picture."""


def recomposed(
    pipeline: Stages,
    result: Result,
    choices: Sequence[Choice] | None,
    moves: Sequence[Move] | None,
    size: int,
) -> Result:
    """See `TReCS.recomposed`."""
    if result.retrieval is None:
        raise InputError("No masks were found for this canvas yet; compose it from words first.")
    clock, moves = Laps(), tuple(result.moves if moves is None else moves)
    retrieval = result.retrieval
    if choices is not None:
        retrieval = replace(retrieval, choices=tuple(choices))
    placements = moved(pipeline.place(retrieval), moves, size)
    canvas = pipeline.compose(retrieval, size, placements)
    found = replace(result.uncomposed(), retrieval=retrieval, moves=moves)
    there = tuple(one if one.masks else None for one in placements)
    return found.timed("compose", clock.lap(), placements=there, canvas=canvas)


def recompose(
    pipeline: Stages, result: Result, moves: Sequence[Move], picture_seed: int | None
) -> Result:
    """See `TReCS.recompose`."""
    size = 256 if result.canvas is None else len(result.canvas.label_map)
    seed = (result.picture_seed or 0) if picture_seed is None else picture_seed
    return synthesized(pipeline, recomposed(pipeline, result, None, moves, size), seed)


def repainted_above(result: Result, painted: NDArray[np.uint8], untouched: int) -> Result:
    """A composed result with what was painted laid above, and no picture yet.

    `painted`: (H, W) uint8 labels, `untouched` where nobody painted. Raises InputError where it is
    of another size than the canvas.
    """
    assert result.canvas is not None
    if painted.shape != result.canvas.label_map.shape:
        raise InputError("What was painted is of another size than the canvas; compose again.")
    label_map = np.where(painted == untouched, result.canvas.label_map, painted)
    return result.repainted(label_map.astype(np.uint8))


def synthesized(pipeline: Stages, result: Result, picture_seed: int) -> Result:
    """A composed result with its picture."""
    assert result.canvas is not None
    clock = Laps()
    image = pipeline.synthesize(result.canvas, picture_seed, result.told_colours, result)
    return result.timed("synthesize", clock.lap(), image=image, picture_seed=picture_seed)


def redrawn(
    pipeline: Stages, record: PictureRecord, picture_seed: int | None, size: int | None
) -> Result:
    """See `TReCS.redrawn`."""
    side = size or record.canvas.label_map.shape[0]
    composed = Result(record.narrative)
    if record.seed is not None:
        stages = pipeline.stages(record.narrative, record.seed, size=side)
        composed = next(result for result in stages if result.canvas is not None)
    result = as_recorded(pipeline, composed, record, side)
    seed = record.picture_seed if picture_seed is None else picture_seed
    return synthesized(pipeline, result, seed)


def as_recorded(pipeline: Stages, composed: Result, record: PictureRecord, size: int) -> Result:
    """A composed result with the moves and the canvas that a picture remembers, and no picture yet.

    Moves of masks that are not found any more, as with another library, leave the canvas alone.
    """
    if record.moves and composed.retrieval is not None:
        with suppress(InputError):
            composed = recomposed(pipeline, composed, None, record.moves, size)
    return composed.on(record.canvas.resized(size, size))
