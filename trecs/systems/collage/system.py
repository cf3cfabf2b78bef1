"""The pipeline as a system that pastes photos in place of drawing with the generator."""

from copy import copy
from pathlib import Path

from retrieval.library import SceneLibrary, read_record
from trecs.installed import own_library
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.synthesis.collage.collage import Collage
from trecs.systems.interface import Drawing, Home, NotInstalled, System


class Collaged(System):
    """TReCS, its canvas made of photos of a library."""

    composes = True

    def __init__(self, trecs: TReCS, photos: Path, home: Home) -> None:
        self._trecs, self._photos, self._home = trecs, photos, home
        self._record: object = None
        self._pasting = trecs

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """All stages' parts and the library with the photos."""
        parts = home.stages("tagger", "trace", "alignment", "encoder", "library", "generator")
        if home.autoencoder is not None:
            parts += (home.checkpoint / "painter" / "latents", home.autoencoder)
        return tuple(dict.fromkeys([*parts, photo_folder(home)]))

    @classmethod
    def load(cls, home: Home, device: str) -> "Collaged":
        """Loads the pipeline."""
        photos = photo_folder(home)
        system = cls(home.pipeline(device), photos, home)
        system._with_photos()
        return system

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Runs the whole pipeline, with the photos that are there now."""
        result = self._with_photos()(narrative, seed, size=self._home.size)
        assert result.image is not None
        tags = result.tags.labels if result.tags else None
        return Drawing(result.image, result.canvas, tags, result=result)

    def _with_photos(self) -> TReCS:
        """The pipeline with a collage; the user's own library may have grown meanwhile."""
        record = read_record(self._photos)
        if record != self._record:
            trecs = self._trecs
            own = self._photos == trecs.library.folder
            library = trecs.library if own else SceneLibrary.open(self._photos)
            painter = self._home.checkpoint / "painter"
            collage = Collage.of(
                library, trecs.encoder, trecs.generator, painter, self._home.autoencoder
            )
            self._pasting, self._record = copy(trecs), record
            self._pasting.in_place = collage
        return self._pasting


def photo_folder(home: Home) -> Path:
    """The folder of the library with photos: the home's own, or else the user's.

    Raises NotInstalled where neither has any.
    """
    (library,) = home.stages("library")
    for folder in (library, own_library()):
        if folder.is_dir() and read_record(folder).get("photos"):
            return folder
    raise NotInstalled(
        f"No photos in the library '{library}' to make a collage of; build one with "
        "`trecs library build --photos DIR` and give it with --library, or add photos to your own "
        "on the page."
    )
