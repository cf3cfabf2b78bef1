"""What was asked lately, with the results of its stages.

The page composes while one speaks, and Compose asks for the same again with a picture; examples are
asked for by everybody. The same narrative and seed give the same result, so nobody sees another's.
"""

from collections import OrderedDict
from threading import Lock

from trecs.narrative import Narrative, dumps
from trecs.result import Result

KEPT = 32  # narratives with their results, about 1 MB each
LONGEST = 200_000  # letters of a narrative's file; comparing longer ones takes long


class Remembered:
    """The results of the last narratives, for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: OrderedDict[tuple[str, int | None], tuple[Result, ...]] = OrderedDict()

    def get(self, narrative: Narrative, seed: int) -> tuple[Result, ...]:
        """The results after each stage, as far as there are; none for a narrative not known."""
        key = dumps(narrative), seed
        with self._lock:
            if key not in self._results:
                return ()
            self._results.move_to_end(key)
            return self._results[key]

    def put(self, results: tuple[Result, ...]) -> None:
        """Remembers the results of a narrative, at least as far as its canvas."""
        last = results[-1]
        key = dumps(last.narrative), last.seed
        if len(key[0]) > LONGEST:
            return
        with self._lock:
            self._results[key] = results
            self._results.move_to_end(key)
            while len(self._results) > KEPT:
                self._results.popitem(last=False)
