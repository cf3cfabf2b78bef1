"""The best scene, rendered: what it shows is retrieved, only its pixels are drawn."""

from pathlib import Path

from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.interface import Drawing, Home, System
from trecs.systems.retrieval.best_scene import best_scene


class RetrievedScene(System):
    """The scene of the library that is most similar to the words, rendered whole."""

    composes = True

    def __init__(self, trecs: TReCS, size: int) -> None:
        self._trecs, self._size = trecs, size

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """What finds and renders scenes."""
        return home.stages("tagger", "encoder", "library", "generator")

    @classmethod
    def load(cls, home: Home, device: str) -> "RetrievedScene":
        """Loads the pipeline."""
        return cls(home.pipeline(device), home.size)

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Finds the scene as the pipeline does and renders it with the seed."""
        canvas = best_scene(self._trecs, narrative, self._size)
        return Drawing(self._trecs.synthesize(canvas, seed), canvas)
