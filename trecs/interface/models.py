"""The studio's networks, loaded in the background so that the page is up at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from files.weights import BUNDLED
from trecs.interface.steps import watched
from trecs.speech.recogniser import Recogniser
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.systems import registry

if TYPE_CHECKING:
    from trecs.pipeline import TReCS
    from trecs.systems.interface import System


class Models:
    """Loads once, in a thread; whoever needs the pipeline waits for it.

    `checkpoint`: where the systems that it is compared with are looked for, when one is first
    asked for; `library`: another one than the checkpoint's, if that is the pipeline's.
    `recogniser`: of speech, which loads by itself when somebody first speaks. `diffusion`: what the
    system `diffusers` paints with.
    """

    def __init__(
        self,
        load: "Callable[[], TReCS]",
        checkpoint: Path = BUNDLED,
        library: Path | None = None,
        recogniser: Recogniser | None = None,
        diffusion: DiffusionSettings | None = None,
    ) -> None:
        self.recogniser = recogniser or Recogniser()
        self._load, self._checkpoint, self._library = load, checkpoint, library
        self._diffusion = diffusion or DiffusionSettings()
        self._lock = Lock()
        self._systems: dict[str, System] = {}
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

    def system(self, name: str) -> "System":
        """A system of the registry, around this pipeline; raises InputError where it is missing."""
        from trecs.device import best_device
        from trecs.hub import checkpoint_folder
        from trecs.systems.interface import Home

        trecs, device = self.get(), best_device()
        with self._lock:
            if name not in self._systems:
                home = Home(
                    checkpoint_folder(self._checkpoint),
                    self._library,
                    diffusion=self._diffusion,
                    downloads=False,
                    pipelines={device: trecs},
                )
                self._systems[name] = registry.card(name).load(home, device)
                self._systems[name].watch = watched
            return self._systems[name]
