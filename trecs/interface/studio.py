"""The networks as the page's events use them."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from trecs.interface.models import Models
from trecs.narrative import Narrative
from trecs.result import Result
from trecs.systems.interface import Drawing

if TYPE_CHECKING:
    from retrieval.choice import Choice
    from trecs.pipeline import TReCS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
SIZE = 256  # pixels of the canvas and the picture
# Of Gradio's listeners: one event at a time uses the networks.
NETWORKS: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "models"}
NOTHING_SAID = Result(Narrative(()))


class Studio:
    """Turns a session's result into the next one.

    `gpu` decorates what computes on a GPU where the host lends one. Such a host runs it in another
    process, which cannot wait for this one, so that the networks are loaded before.
    """

    def __init__(self, models: Models, gpu: Decorator = lambda function: function) -> None:
        self.models = models

        def stages(narrative: Narrative, seed: int) -> Iterator[Result]:
            yield from models.get().stages(narrative, seed, size=SIZE)

        def synthesize(canvas: Canvas, seed: int) -> NDArray[np.uint8]:
            return models.get().synthesize(canvas, seed)

        def draw(system: str, narrative: Narrative, seed: int) -> Drawing:
            return models.system(system).draw(narrative, seed)

        self._stages, self._synthesize, self._draw = gpu(stages), gpu(synthesize), gpu(draw)

    @property
    def trecs(self) -> "TReCS":
        """The pipeline, once it is loaded."""
        return self.models.get()

    def followed(self, narrative: Narrative, seed: int) -> Iterator[Result]:
        """The result after each stage."""
        self.models.get()
        yield from self._stages(narrative, seed)

    def recomposed(self, result: Result, choices: "Sequence[Choice]") -> Result:
        """The result with other choices of its masks, and no picture yet."""
        return self.trecs.recomposed(result, choices, SIZE)

    def drawing(self, system: str, narrative: Narrative, seed: int) -> Drawing:
        """What a system of the registry makes of the same words; raises InputError without it."""
        self.models.system(system)
        drawn: Drawing = self._draw(system, narrative, seed)
        return drawn

    def drawn(self, result: Result, seed: int) -> Result:
        """The result with a picture of its canvas."""
        self.models.get()  # loading is not part of the time
        began = time.perf_counter()
        image = self._synthesize(result.canvas, seed)
        seconds = time.perf_counter() - began
        return result.timed("synthesize", seconds, image=image, picture_seed=seed)
