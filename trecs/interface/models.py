"""The studio's networks, loaded in the background so that the page is up at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from files.weights import BUNDLED

if TYPE_CHECKING:
    from trecs.pipeline import TReCS
    from trecs.systems.attngan.model import AttnGan


class Models:
    """Loads once, in a thread; whoever needs the pipeline waits for it.

    `checkpoint`: where AttnGAN is looked for when it is first asked for.
    """

    def __init__(self, load: "Callable[[], TReCS]", checkpoint: Path = BUNDLED) -> None:
        self._load, self._checkpoint = load, checkpoint
        self._lock = Lock()
        self._attngan: AttnGan | None = None
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

    def attngan(self) -> "AttnGan":
        """The baseline; raises InputError where there is none."""
        from trecs.installed import attngan_folder
        from trecs.systems.attngan.model import AttnGan

        with self._lock:
            if self._attngan is None:
                self._attngan = AttnGan.load(attngan_folder(self._checkpoint))
            return self._attngan
