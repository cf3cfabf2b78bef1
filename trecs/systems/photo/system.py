"""The best training photo: nothing is drawn, it is copied."""

from pathlib import Path

from files.pictures import read_rgb
from trecs.data.squeezing import squeezed
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.interface import Drawing, Home, System
from trecs.systems.parts.text_vector import text_vector
from trecs.systems.photo.photo_index import PhotoIndex, training_photos


class RetrievedPhoto(System):
    """The training photo that is most similar to the words; the second take is the second best."""

    def __init__(self, trecs: TReCS, photos: PhotoIndex, size: int) -> None:
        self._trecs, self._photos, self._size = trecs, photos, size

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """What finds photos; the photos themselves are the data folder's, and not told."""
        training_photos(home.dataset)
        return home.stages("tagger", "encoder")

    @classmethod
    def load(cls, home: Home, device: str) -> "RetrievedPhoto":
        """Loads the pipeline and embeds all photos, where that was not done before."""
        trecs = home.pipeline(device)
        return cls(trecs, PhotoIndex.of(home.dataset, trecs.encoder, home.cache), home.size)

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Finds the photo by the scene that it shows, as the pipeline finds scenes."""
        path = self._photos.nearest(text_vector(self._trecs, narrative), take)
        return Drawing(squeezed(read_rgb(path, "photo"), self._size))
