"""What training needs of COCO beyond its annotation files: captions and instance maps."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.left_out import LeftOut
from files.text import cleaned
from retrieval.coco_files import CocoImage, read_json
from retrieval.identity import image_number
from retrieval.silhouettes import silhouette
from segmentation.labels import UNLABELED


def read_captions(path: Path, *, strict: bool = False) -> tuple[list[tuple[int, str]], list[str]]:
    """The image ids and captions of a `captions_*.json`, and what the user should know, in lines.

    What has no image or no text is left out; `strict`: refused. Raises InputError for other files,
    and where no caption of all can be used.
    """
    record = read_json(path, "a captions_*.json of COCO")
    given = record.get("annotations") if isinstance(record, dict) else None
    if not isinstance(given, list):
        raise InputError(
            f"'{path}' is JSON, but not a captions_*.json of COCO; expected {{annotations: "
            "[{image_id, caption}]}."
        )
    left_out = LeftOut("captions", len(given), strict=strict)
    captions = []
    for position, entry in enumerate(given, 1):
        told = entry if isinstance(entry, dict) else {}
        number, caption = image_number(told.get("image_id")), told.get("caption")
        text = cleaned(caption) if isinstance(caption, str) else ""
        if number is None:
            left_out.add(f"caption no. {position}", "without a usable image_id")
        elif not text:
            left_out.add(f"caption no. {position}", "without a text")
        else:
            captions.append((number, text))
    if left_out and not captions:
        raise InputError(
            f"No caption of '{path}' can be used: {' '.join(left_out.lines())}. Expected "
            "{annotations: [{image_id, caption}]} with a number and a text."
        )
    return captions, list(left_out.lines())


def instance_map(image: CocoImage, height: int, width: int) -> NDArray[np.int32]:
    """The instances of a photo at a size, (height, width) int32; 0 is none, i is the i-th.

    Large ones are painted first, so that what stands before them stays whole; crowds before all."""
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
