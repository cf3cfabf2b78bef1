"""COCO 2017 on disk, as it is unpacked: photos, instances, stuff, captions and narratives."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmentation.canvas import read_label_map
from segmentation.errors import InputError
from segmentation.labels import FIRST_STUFF, UNLABELED

PIXELMAP_OTHER = 183  # in the stuff pixel maps: some thing


@dataclass(frozen=True, eq=False)
class CocoImage:
    """A photo of COCO and what is known of it; `annotations` are COCO's own records."""

    id: int
    file_name: str
    height: int
    width: int
    record: Mapping[str, Any]
    annotations: Sequence[Mapping[str, Any]] = field(default=())

    @property
    def stem(self) -> str:
        """The file name without its ending: the id with twelve digits."""
        return Path(self.file_name).stem


def read_instances(path: Path) -> tuple[list[CocoImage], list[Mapping[str, Any]]]:
    """The images, with their instances, and the categories of an `instances_*.json`.

    Raises InputError for another kind of file.
    """
    record = read_json(path, "an instances_*.json of COCO")
    try:
        of_image = defaultdict(list)
        for annotation in record["annotations"]:
            if not 1 <= annotation["category_id"] <= FIRST_STUFF:
                raise ValueError(f"category_id {annotation['category_id']} is no thing of COCO")
            of_image[annotation["image_id"]].append(annotation)
        images = [
            CocoImage(
                int(image["id"]),
                _plain(image["file_name"]),
                int(image["height"]),
                int(image["width"]),
                image,
                tuple(of_image[image["id"]]),
            )
            for image in record["images"]
        ]
        return images, list(record["categories"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"'{path}' is not an instances_*.json of COCO ({type(error).__name__}: {error}); "
            "expected {images, annotations, categories}."
        ) from error


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


def read_json(path: Path, what: str) -> Any:
    """A JSON file as parsed; raises InputError where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); expected {what}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON ({error}); expected {what}.") from error


def read_pixelmap(path: Path) -> NDArray[np.uint8]:
    """A stuff pixel map of COCO 2017 as a label map, (H, W) uint8: things are unlabeled.

    Its pixels are COCO-Stuff ids: 92-182 stuff, 183 some thing, 0 nothing. Raises InputError for
    another kind of picture.
    """
    try:
        with Image.open(path) as picture:
            mode, values = picture.mode, np.asarray(picture, np.uint8)
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read as a picture ({error}).") from error
    stuff = (values > FIRST_STUFF) & (values < PIXELMAP_OTHER)
    if mode not in ("L", "P") or not (stuff | (values == 0) | (values == PIXELMAP_OTHER)).all():
        raise InputError(
            f"'{path}' is not a stuff pixel map of COCO (mode {mode}, values "
            f"{values.min()}-{values.max()}); expected an 8-bit PNG of 0 and 92-183. Maps of "
            "things and stuff together belong into 'stuffthingmaps'."
        )
    return np.where(stuff, values - 1, UNLABELED).astype(np.uint8)


def read_stuffthingmap(path: Path) -> NDArray[np.uint8]:
    """A COCO-Stuff map of things and stuff, (H, W) uint8: our values already."""
    try:
        return read_label_map(path)
    except InputError as error:
        raise InputError(f"'{path}': {error}") from error


def instance_map(image: CocoImage, height: int, width: int) -> NDArray[np.int32]:
    """The instances of a photo at a size, (height, width) int32; 0 is none, i is the i-th.

    Large ones are painted first, so that what stands before them stays whole; crowds before all.
    Raises InputError for polygons that cannot be read.
    """
    from pycocotools import mask as coco

    painted = np.zeros((height, width), np.int32)
    try:
        order = sorted(
            range(len(image.annotations)),
            key=lambda i: (
                -image.annotations[i].get("iscrowd", 0),
                -float(image.annotations[i]["area"]),
            ),
        )
        for i in order:
            code = _code(image.annotations[i]["segmentation"], image.height, image.width)
            if code is not None:
                bitmap = coco.decode(code)
                if bitmap.shape != (height, width):
                    bitmap = cv2.resize(bitmap, (width, height), interpolation=cv2.INTER_NEAREST)
                painted[bitmap > 0] = i + 1
    except Exception as error:  # pycocotools raises whatever its C code meets
        raise InputError(
            f"The instances of image {image.id} cannot be drawn ({type(error).__name__}: {error}); "
            "expected COCO polygons or run-length codes."
        ) from error
    return painted


def _code(outline: Any, height: int, width: int) -> Any:
    """COCO's run-length code of polygons or of another code; None for no polygons.

    Raises ValueError where runs do not add up to the photo: pycocotools would read on beyond.
    """
    from pycocotools import mask as coco

    if isinstance(outline, list):
        codes = coco.frPyObjects(outline, height, width) if outline else []
        return coco.merge(codes) if codes else None
    counts = outline["counts"]
    if isinstance(counts, list):
        if min(counts) < 0 or sum(counts) != height * width:
            raise ValueError(f"runs of {sum(counts)} pixels in a photo of {height * width}")
        return coco.frPyObjects(outline, height, width)
    if outline["size"] != [height, width]:
        raise ValueError(f"a code of size {outline['size']} in a photo of {[height, width]}")
    return {"size": outline["size"], "counts": counts.encode()}


def label_of_instances(instances: NDArray[np.int32], image: CocoImage) -> NDArray[np.uint8]:
    """The labels of the things of an instance map, (H, W) uint8; unlabeled where there is none."""
    labels = [UNLABELED, *(a["category_id"] - 1 for a in image.annotations)]
    return np.array(labels, np.uint8)[instances]


def _plain(name: str) -> str:
    """A file name that stays in its folder; raises ValueError for paths."""
    if Path(name).name != name:
        raise ValueError(f"'{name}' is a path, not a file name")
    return name
