"""The pipeline as a system whose canvas a diffusion pipeline paints."""

from copy import copy
from pathlib import Path

from files.errors import InputError
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.synthesis.diffusion import loading
from trecs.synthesis.diffusion.diffusion import Diffusion
from trecs.systems.interface import Drawing, Home, NotInstalled, System


class Diffused(System):
    """TReCS, its canvas painted by a pipeline of the library `diffusers`."""

    composes = True

    def __init__(self, trecs: TReCS, diffusion: Diffusion, size: int) -> None:
        self._diffusion, self._size = diffusion, size
        self._trecs = copy(trecs)
        self._trecs.in_place = diffusion

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """All stages' parts, the model and the ControlNet, which must be on this machine."""
        parts = home.stages("tagger", "trace", "alignment", "encoder", "library", "generator")
        return (*parts, *_folders(home))

    @classmethod
    def load(cls, home: Home, device: str) -> "Diffused":
        """Loads the pipeline; what of it is not here is downloaded where the home allows that."""
        trecs = home.pipeline(device)
        if isinstance(trecs.in_place, Diffusion):
            return cls(trecs, trecs.in_place, home.size)
        if not home.downloads:
            _folders(home)
        return cls(trecs, Diffusion.load(home.diffusion, device), home.size)

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Runs the whole pipeline."""
        self._diffusion.watch = self.watch
        result = self._trecs(narrative, seed, size=self._size)
        assert result.image is not None
        tags = result.tags.labels if result.tags else None
        return Drawing(result.image, result.canvas, tags, result=result)


def _folders(home: Home) -> tuple[Path, ...]:
    """Those of model and ControlNet; raises NotInstalled where one is not on this machine."""
    try:
        return loading.local_folders(home.diffusion)
    except InputError as error:
        raise NotInstalled(str(error)) from error
