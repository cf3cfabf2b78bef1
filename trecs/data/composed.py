"""Where the canvases lie that the studio composes of photos' labels."""

from pathlib import Path

from files.errors import InputError
from segmentation.canvas import Canvas, read_instance_map, read_label_map
from trecs.data.dataset import Photo


def composed_canvas(folder: Path, photo: Photo) -> Canvas | None:
    """The canvas of a photo that `compose_photos` wrote, a square; None where there is none.

    Raises InputError where the folder is missing or its files are damaged.
    """
    if not folder.is_dir():
        raise InputError(f"No composed canvases in '{folder}'; `trecs data compose` makes them.")
    labels, instances = composed_files(folder, photo)
    if not instances.is_file():
        return None
    label_map = read_label_map(labels)
    return Canvas(label_map, read_instance_map(instances, label_map.shape))


def composed_files(folder: Path, photo: Photo) -> tuple[Path, Path]:
    """Where its label map is, and its instance map."""
    beside = folder / photo.source
    return beside / f"{photo.name}.labels.png", beside / f"{photo.name}.instances.png"
