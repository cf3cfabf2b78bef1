"""What training needs of COCO beyond its annotation files: captions and instance maps."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.coco_files import CocoImage, read_json, silhouette
from segmentation.labels import UNLABELED


def read_captions(path: Path) -> list[tuple[int, str]]:
    """The image ids and captions of a `captions_*.json`; raises InputError for other files."""
    record = read_json(path, "a captions_*.json of COCO")
    try:
        return [(int(a["image_id"]), str(a["caption"])) for a in record["annotations"]]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"'{path}' is not a captions_*.json of COCO ({type(error).__name__}: {error}); "
            "expected {annotations: [{image_id, caption}]}."
        ) from error


def instance_map(image: CocoImage, height: int, width: int) -> NDArray[np.int32]:
    """The instances of a photo at a size, (height, width) int32; 0 is none, i is the i-th.

    Large ones are painted first, so that what stands before them stays whole; crowds before all.
    Raises InputError for regions that cannot be read.
    """
    shapes = [silhouette(a, image.height, image.width) for a in image.annotations]
    crowds = [bool(annotation.get("iscrowd")) for annotation in image.annotations]
    painted = np.zeros((height, width), np.int32)
    for i in sorted(range(len(shapes)), key=lambda i: (not crowds[i], -shapes[i].sum())):
        size = (width, height)
        shape = cv2.resize(shapes[i].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        painted[shape > 0] = i + 1
    return painted


def label_of_instances(instances: NDArray[np.int32], image: CocoImage) -> NDArray[np.uint8]:
    """The labels of the things of an instance map, (H, W) uint8; unlabeled where there is none."""
    labels = [UNLABELED, *(a["category_id"] - 1 for a in image.annotations)]
    return np.array(labels, np.uint8)[instances]
