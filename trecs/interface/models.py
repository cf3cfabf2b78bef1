"""The studio's networks, loaded in the background so that the page is up at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trecs.pipeline import TReCS


class Models:
    """Loads once, in a thread; whoever needs the pipeline waits for it."""

    def __init__(self, load: "Callable[[], TReCS]") -> None:
        self._load = load
        self._lock = Lock()
        self._loading: Future[TReCS] | None = None

    def start(self) -> "Future[TReCS]":
        """Begins to load, once; importing the networks takes longer than showing the page."""
        with self._lock:
            if self._loading is None:
                pool = ThreadPoolExecutor(1, "loading")
                self._loading = pool.submit(self._load)
                pool.shutdown(wait=False)
            return self._loading

    def get(self) -> "TReCS":
        """The pipeline; raises what loading raised: InputError for unusable checkpoints."""
        return self.start().result()
