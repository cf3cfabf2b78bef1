"""A person's own library: it grows by one photo at a time, whose labels somebody painted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.locks import locked
from retrieval.library import RECORD, SceneLibrary, busy
from retrieval.library_writer import LibraryWriter
from retrieval.painted import scene_masks
from segmentation.canvas import check_label_map, instances_of

MOST = 1_000  # photos; the library is written anew with each
SOURCE = "photos of one's own"


def add_photo(
    folder: Path,
    photo: bytes,
    label_map: NDArray[np.uint8],
    embed: Callable[[Path], None],
) -> int:
    """Adds a photo, a JPEG, with its painted labels (H, W), 255 = not painted; how many there are.

    The map may be squeezed: it stands for the whole photo. A thing is a connected part of its
    label. `embed` gives the library in a folder embeddings of its scenes. Written whole or not at
    all. Raises InputError where nothing is painted, another process adds one, or there is no room.
    """
    masks = scene_masks(check_label_map(label_map), instances_of(label_map))
    if not masks:
        raise InputError("No label is painted on the photo yet; paint what is in it, then add it.")
    with locked(folder.with_name(f".{folder.name}.lock"), busy(folder)):
        old = SceneLibrary.open(folder) if (folder / RECORD).is_file() else None
        count = old.scene_count if old is not None else 0
        if count >= MOST:
            raise InputError(
                f"Your library has {count:,} photos, the most that it takes from here; build a "
                "larger one with `trecs library build --photos DIR --labels DIR`."
            )
        with LibraryWriter(folder, photos=True) as writer:
            for scene in range(count):
                assert old is not None
                kept = [(int(old.labels[i]), old.mask(i)) for i in old.masks_of(scene)]
                code = old.photos.code(scene) if old.photos is not None else b""
                writer.append_scene(old.scene_names[scene], kept, code)
            writer.append_scene(f"photo {count + 1}", masks, photo)
            writer.finish(SOURCE, embed)
    return count + 1
