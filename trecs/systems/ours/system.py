"""The pipeline as a system, given the trace or the words alone."""

from pathlib import Path

from files.errors import InputError
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.interface import Drawing, Home, System


class Traced(System):
    """TReCS, given the narrative with its trace."""

    composes = True

    def __init__(self, trecs: TReCS, size: int) -> None:
        self._trecs, self._size = trecs, size

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """All stages' parts."""
        return home.stages("tagger", "trace", "alignment", "encoder", "library", "generator")

    @classmethod
    def load(cls, home: Home, device: str) -> "Traced":
        """Loads the pipeline."""
        return cls(home.pipeline(device), home.size)

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Runs the whole pipeline."""
        result = self._trecs(narrative, seed, size=self._size)
        assert result.image is not None
        tags = result.tags.labels if result.tags else None
        return Drawing(result.image, result.canvas, tags, result=result)


class Predicted(Traced):
    """TReCS, given the words alone; the trace predictor draws the trace."""

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Runs the whole pipeline; raises InputError for a narrative without words."""
        if not narrative.words:
            raise InputError("The narrative has a trace and no words, so without it nothing.")
        return super().draw(narrative.without_trace(), seed, take)
