"""The studio's networks, loaded in the background so that the page is up at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trecs.pipeline import TReCS


class Models:
    """Loads once, in a thread; whoever needs the pipeline waits for it."""

    def __init__(self, load: "Callable[[], TReCS]") -> None:
        self._pool = ThreadPoolExecutor(1, "loading")
        self._future = self._pool.submit(load)
        self._pool.shutdown(wait=False)

    def get(self) -> "TReCS":
        """The pipeline; raises what loading raised: InputError for unusable checkpoints."""
        return self._future.result()
