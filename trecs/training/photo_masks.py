"""The masks of a training photo, by label: what the simulated annotator points at."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED, is_thing
from segmentation.masks import fill_polygon
from trecs.training.data import Dataset, Photo

SMALLEST = 0.0005  # parts that cover less of the picture are noise of the label map
MOST = 30  # masks of one label


class PhotoMasks:
    """Makes the masks of a dataset's photos.

    Things of `coco_mini` come from COCO's polygons, those of photos with an instance map from it;
    stuff, and things elsewhere, are the connected parts of their label in the label map.
    """

    def __init__(self, dataset: Dataset, size: int = 128) -> None:
        self.size = size
        self._sizes = {}
        self._annotations: dict[int, list[dict]] = {}
        if (dataset.folder / "coco_mini" / "instances.json").is_file():
            record = dataset.coco_instances
            self._sizes = {
                image["id"]: (image["width"], image["height"]) for image in record["images"]
            }
            for annotation in record["annotations"]:
                self._annotations.setdefault(annotation["image_id"], []).append(annotation)

    def of(self, photo: Photo) -> dict[int, list[NDArray[np.bool_]]]:
        """Its masks, (size, size) bool, by label, largest first; at most MOST a label."""
        labels = square(photo.label_map(), self.size)
        instances = labels * 0
        if photo.instance_path is not None:
            instances = square(np.asarray(Image.open(photo.instance_path)), self.size)
        polygons = photo.source == "coco_mini" and int(photo.name) in self._sizes
        masks: dict[int, list[NDArray[np.bool_]]] = {}
        if polygons:
            for annotation in self._annotations.get(int(photo.name), []):
                mask = self._rasterised(annotation)
                masks.setdefault(annotation["category_id"] - 1, []).append(mask)
        for label in np.unique(labels).tolist():
            if label == UNLABELED or (polygons and is_thing(label)):
                continue
            for instance in np.unique(instances[labels == label]):
                masks.setdefault(label, []).extend(
                    _parts((labels == label) & (instances == instance))
                )
        return {label: kept for label, parts in masks.items() if (kept := _largest(parts))}

    def _rasterised(self, annotation: dict) -> NDArray[np.bool_]:
        shape = annotation["segmentation"]
        width, height = self._sizes[annotation["image_id"]]
        if isinstance(shape, dict):
            code = (
                coco.frPyObjects(shape, height, width)
                if isinstance(shape["counts"], list)
                else shape
            )
            return square(coco.decode(code), self.size).astype(bool)
        polygons = [np.reshape(polygon, (-1, 2)) / (width, height) for polygon in shape]
        return np.any([fill_polygon(p, self.size, self.size) for p in polygons], axis=0)


def square(values: NDArray[np.integer], size: int) -> NDArray[np.uint8]:
    """A (H, W) map squeezed to (size, size); each pixel takes its nearest one's value."""
    return Canvas(values.astype(np.uint8), values.astype(np.int32)).resized(size, size).label_map


def _parts(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    count, numbers = cv2.connectedComponents(mask.astype(np.uint8))
    return [numbers == number for number in range(1, count)]


def _largest(masks: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    kept = [mask for mask in masks if mask.mean() >= SMALLEST]
    return sorted(kept, key=lambda mask: -int(mask.sum()))[:MOST]
