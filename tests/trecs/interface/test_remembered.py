from collections.abc import Iterator
from typing import Any

import numpy as np

from segmentation.canvas import Canvas
from segmentation.told_colours import ToldColours
from trecs.interface.models import Models
from trecs.interface.remembered import KEPT, Remembered
from trecs.interface.studio import Studio
from trecs.narrative import Narrative, from_text
from trecs.result import Result

CANVAS = Canvas(np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.int32))
IMAGE = np.zeros((4, 4, 3), np.uint8)


class Counting:
    """A pipeline of two stages that counts how often each was asked for."""

    def __init__(self) -> None:
        self.composed = self.drawn = 0

    def stages(self, narrative: Narrative, seed: int, size: int) -> Iterator[Result]:
        self.composed += 1
        result = Result(narrative, seed=seed, canvas=CANVAS)
        yield result
        self.drawn += 1
        yield result.timed("synthesize", 0.0, image=IMAGE, picture_seed=seed)

    def synthesize(
        self, canvas: Canvas, seed: int, told: ToldColours | None, result: Result
    ) -> Any:
        self.drawn += 1
        return IMAGE


def test_compose_after_live_draws_the_picture_alone_and_again_nothing() -> None:
    counting = Counting()
    studio = Studio(Models(lambda: counting))  # type: ignore[arg-type, return-value]
    live = next(studio.followed(from_text("a dog"), 3))
    assert live.image is None
    for _ in range(2):
        *_, whole = studio.followed(from_text("a dog"), 3)
        assert whole.canvas is live.canvas
        assert whole.picture_seed == 3
        assert (counting.composed, counting.drawn) == (1, 1)
    for text, seed in (("a dog", 4), ("a cat", 3)):
        *_, other = studio.followed(from_text(text), seed)
        assert (other.narrative.caption, other.seed) == (text, seed)
    assert (counting.composed, counting.drawn) == (3, 3)


def test_only_the_last_ones_are_remembered() -> None:
    remembered = Remembered()
    for seed in range(KEPT + 1):
        remembered.put((Result(from_text("a dog"), seed=seed, canvas=CANVAS),))
    assert remembered.get(from_text("a dog"), 0) == ()
    assert remembered.get(from_text("a dog"), 1) != ()
