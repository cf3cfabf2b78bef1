"""Training photos found by a text: the baseline that copies the most similar one."""

import io
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.progress import progress_bar
from files.whole import write_atomically
from retrieval.encoder import SCENES_AT_ONCE, DualEncoder
from retrieval.scene_side import batch_of
from trecs.data.dataset import Dataset, Photo
from trecs.scenes.encoder_data import scene_of
from trecs.systems.interface import NotInstalled


class PhotoIndex:
    """Photos (`paths`, N) and the vectors (N, D) of the scenes that they show."""

    def __init__(self, paths: list[Path], vectors: NDArray[np.float32]) -> None:
        self._paths, self._vectors = paths, vectors

    @staticmethod
    def of(dataset: Dataset, encoder: DualEncoder, cache: Path) -> "PhotoIndex":
        """All photos that may be trained on; their vectors are kept in the folder `cache`.

        Raises NotInstalled where there are none.
        """
        import torch

        photos = training_photos(dataset)
        names = "\n".join(f"{photo.source}/{photo.name}" for photo in photos)
        stored = cache / f"photos-{encoder.fingerprint}-{zlib.crc32(names.encode()):08x}.npy"
        if stored.is_file():
            return PhotoIndex([photo.image_path for photo in photos], np.load(stored))
        vectors = []
        progress = progress_bar(total=len(photos), desc="training photos", unit="photo")
        for start in range(0, len(photos), SCENES_AT_ONCE):
            part = photos[start : start + SCENES_AT_ONCE]
            scenes = []
            for photo in part:
                scenes.append(scene_of(photo, dataset.things_of(photo)))
                progress.update()
            with torch.inference_mode():
                vectors.append(encoder.scene(*batch_of(scenes)).numpy())
        progress.close()
        buffer = io.BytesIO()
        np.save(buffer, np.concatenate(vectors))
        write_atomically(stored, buffer.getvalue())
        return PhotoIndex([photo.image_path for photo in photos], np.concatenate(vectors))

    def nearest(self, vector: NDArray[np.float32], rank: int = 0) -> Path:
        """The photo whose scene fits a text's vector (D,) best, or `rank` places after it."""
        order = np.argsort(-(self._vectors @ vector), kind="stable")
        return self._paths[int(order[rank % len(order)])]


def training_photos(dataset: Dataset) -> list[Photo]:
    """All photos that may be trained on; raises NotInstalled where there are none."""
    photos = dataset.photos(held_back=False)
    if not photos:
        raise NotInstalled(
            f"The system photo copies training photos, but '{dataset.folder}' has none; leave "
            "it out of --systems."
        )
    return photos
