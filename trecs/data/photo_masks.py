"""The masks of a training photo, by label: what the simulated annotator points at."""

from collections.abc import Mapping
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from files.pictures import open_map
from retrieval.coco_files import CocoImage
from retrieval.silhouettes import silhouette
from segmentation.labels import UNLABELED, is_thing, value_of
from segmentation.masks import fill_polygon
from trecs.data.dataset import Dataset, Photo

SMALLEST = 0.0005  # parts that cover less of the picture are noise of the label map
MOST = 30  # masks of one label
PERSON = value_of("person")
Number = TypeVar("Number", bound=np.integer[Any])


class PhotoMasks:
    """Makes the masks of a dataset's photos.

    Things of COCO come from its polygons, those of other photos with an instance map from it;
    stuff, and things elsewhere, are the connected parts of their label in the label map.
    """

    def __init__(self, dataset: Dataset, size: int = 128) -> None:
        self.size = size
        self._dataset = dataset

    def of(self, photo: Photo) -> dict[int, list[NDArray[np.bool_]]]:
        """Its masks, (size, size) bool, by label, largest first; at most MOST a label."""
        labels = square(photo.label_map(), self.size)
        instances: NDArray[np.integer] = np.zeros_like(labels)
        if photo.instance_path is not None:
            instances = square(np.asarray(open_map(photo.instance_path, "instance map")), self.size)
        things = self._dataset.things_of(photo)
        masks: dict[int, list[NDArray[np.bool_]]] = {}
        if things is not None:
            for annotation in things.image.annotations:
                mask = self._rasterised(annotation, things.image)
                masks.setdefault(annotation["category_id"] - 1, []).append(mask)
        for label in np.unique(labels).tolist():
            drawn = things is not None and (label == PERSON or not things.people_only)
            if label == UNLABELED or (drawn and is_thing(label)):
                continue
            for instance in np.unique(instances[labels == label]):
                masks.setdefault(label, []).extend(
                    _parts((labels == label) & (instances == instance))
                )
        return {label: kept for label, parts in masks.items() if (kept := _largest(parts))}

    def _rasterised(self, annotation: Mapping[str, Any], image: CocoImage) -> NDArray[np.bool_]:
        shape = annotation["segmentation"]
        if isinstance(shape, dict):
            full = silhouette(annotation, image.height, image.width).astype(np.uint8)
            return square(full, self.size).astype(bool)
        # Polygons are drawn at this size at once: thin parts stay, and it is faster.
        polygons = [np.reshape(p, (-1, 2)) / (image.width, image.height) for p in shape]
        return np.any([fill_polygon(p, self.size, self.size) for p in polygons], axis=0)


def square(values: NDArray[Number], size: int) -> NDArray[Number]:
    """A (H, W) map squeezed to (size, size); each pixel takes its nearest one's value."""
    rows, columns = ((np.arange(size) + 0.5) * side // size for side in values.shape)
    return values[np.ix_(rows.astype(int), columns.astype(int))]


def _parts(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    count, numbers = cv2.connectedComponents(mask.astype(np.uint8))
    return [numbers == number for number in range(1, count)]


def _largest(masks: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    kept = [mask for mask in masks if mask.mean() >= SMALLEST]
    return sorted(kept, key=lambda mask: -int(mask.sum()))[:MOST]
