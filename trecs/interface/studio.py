"""The networks as the page's events use them."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED
from segmentation.moves import Move
from segmentation.told_colours import ToldColours
from trecs.interface.models import Models
from trecs.interface.remembered import Remembered
from trecs.interface.waiting import check_wanted
from trecs.narrative import Narrative
from trecs.picture_record import PictureRecord
from trecs.recomposing import as_recorded, repainted_above
from trecs.result import Result
from trecs.systems.interface import Drawing

if TYPE_CHECKING:
    from retrieval.choice import Choice
    from trecs.pipeline import TReCS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
SIZE = 256  # pixels of the canvas and the picture
# Of Gradio's listeners: those that use the networks stand in one line; the page says how many of
# them are in work at the same time.
NETWORKS: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "models"}
NOTHING_SAID = Result(Narrative(()))


class Studio:
    """Turns a session's result into the next one.

    `gpu` decorates what computes on a GPU where the host lends one. Such a host runs it in another
    process, which cannot wait for this one, so that the networks are loaded before.
    """

    def __init__(self, models: Models, gpu: Decorator = lambda function: function) -> None:
        self.models = models
        self._remembered = Remembered()

        def stages(narrative: Narrative, seed: int) -> Iterator[Result]:
            yield from models.get().stages(narrative, seed, size=SIZE)

        def synthesize(
            canvas: Canvas, seed: int, told: ToldColours | None, result: Result
        ) -> NDArray[np.uint8]:
            return models.get().synthesize(canvas, seed, told, result)

        def draw(system: str, narrative: Narrative, seed: int) -> Drawing:
            return models.system(system).draw(narrative, seed)

        self._stages, self._synthesize, self._draw = gpu(stages), gpu(synthesize), gpu(draw)

    @property
    def trecs(self) -> "TReCS":
        """The pipeline, once it is loaded."""
        return self.models.get()

    def followed(self, narrative: Narrative, seed: int) -> Iterator[Result]:
        """The result after each stage; those of what was asked lately are remembered.

        Ends between two stages where nobody waits for more.
        """
        self.models.get()
        known = self._remembered.get(narrative, seed)
        for result in known:
            check_wanted()
            yield result
        if known and known[-1].image is None:
            check_wanted()
            known = (*known, self.drawn(known[-1], seed))
            self._remembered.put(known)
            yield known[-1]
        elif not known:
            for result in self._stages(narrative, seed):
                known = (*known, result)
                if result.canvas is not None:
                    self._remembered.put(known)
                yield result
                check_wanted()

    def composed(self, narrative: Narrative, seed: int | None) -> Result:
        """The result as far as the canvas; `seed` None where nothing was said."""
        if seed is None:
            return replace(NOTHING_SAID, narrative=narrative)  # whose seeds of labels stay
        return next(one for one in self.followed(narrative, seed) if one.canvas is not None)

    def moved(
        self,
        result: Result,
        choices: "Sequence[Choice] | None",
        moves: Sequence[Move],
        painted: NDArray[np.uint8] | None = None,
    ) -> Result:
        """The result with its masks moved, or others of them, and no picture yet.

        `painted`: (SIZE, SIZE) labels that lie above, UNLABELED where nobody painted.
        """
        composed = self.trecs.recomposed(result, choices, SIZE, moves)
        return composed if painted is None else repainted_above(composed, painted, UNLABELED)

    def as_recorded(self, record: PictureRecord) -> Result:
        """What a picture remembers, with its moves and on its canvas, and no picture yet."""
        composed = self.composed(record.narrative, record.seed)
        side = len(record.canvas.label_map)
        return as_recorded(self.trecs, composed, record, side)

    def drawing(self, system: str, narrative: Narrative, seed: int) -> Drawing:
        """What a system of the registry makes of the same words; raises InputError without it."""
        self.models.system(system)
        drawn: Drawing = self._draw(system, narrative, seed)
        return drawn

    def drawn(self, result: Result, seed: int) -> Result:
        """The result with a picture of its canvas."""
        self.models.get()  # loading is not part of the time
        check_wanted()
        began = time.perf_counter()
        image = self._synthesize(result.canvas, seed, result.told_colours, result)
        seconds = time.perf_counter() - began
        return result.timed("synthesize", seconds, image=image, picture_seed=seed)
