"""Builds a scene library from COCO's annotation files; no photos are needed.

Things come from `instances_*.json`; stuff from COCO's `stuff_*_pixelmaps` or from COCO-Stuff's
`stuffthingmaps`, one mask for each stuff label of a photo.

Photos are squeezed to squares, as the canvas is one. A crowd region (`iscrowd`) is one mask
behind the single things. Annotations have no depth, so a scene's things are put back to front
by `segmentation.composition.back_to_front` (reconstructed).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.coco_files import (
    CocoImage,
    check_same_shape,
    read_instances,
    read_pixelmap,
    read_stuffthingmap,
    silhouette,
)
from retrieval.library_writer import LibraryWriter
from segmentation.composition import Placement, back_to_front
from segmentation.labels import COUNT, FIRST_STUFF
from segmentation.masks import Mask

SMALLEST_STUFF = 0.002  # share of the photo


@dataclass(frozen=True)
class BuildReport:
    """What became of the photos: `scenes` with `masks`, of which some came `without_stuff`.

    `empty` photos have neither things nor stuff and are left out.
    """

    scenes: int
    masks: int
    without_stuff: int
    empty: int


def build_library(
    instances: Path, out: Path, *, stuff: Path | None = None, labels: Path | None = None
) -> BuildReport:
    """Builds a library in the folder `out` from an instances file and stuff or label maps.

    `stuff`: a folder of COCO's stuff pixel maps; `labels`: one of COCO-Stuff's stuffthingmaps.
    Raises InputError for a damaged or foreign file; then `out` stays as it was.
    """
    from files.progress import progress_bar

    images = read_instances(instances).images
    if not images:
        raise InputError(f"'{instances}' lists no images; expected COCO's instances file.")
    maps = stuff or labels
    read_map = read_pixelmap if stuff else read_stuffthingmap
    if maps is not None and not any((maps / f"{image.stem}.png").is_file() for image in images):
        raise InputError(
            f"'{maps}' has no map for any photo of '{instances}'; expected PNG files such as "
            f"'{images[0].stem}.png'."
        )
    without_stuff = empty = 0
    with LibraryWriter(out) as writer:
        for image in progress_bar(images, desc="scenes", unit="scene"):
            path = maps / f"{image.stem}.png" if maps is not None else None
            masks: list[tuple[int, Mask]] = []
            if has_map := path is not None and path.is_file():
                label_map = read_map(path)
                check_same_shape(label_map, image, path)
                masks += _stuff_masks(label_map)
            masks += _thing_masks(image)
            if masks:
                writer.append_scene(image.stem, masks)
                without_stuff += not has_map
            else:
                empty += 1
        report = BuildReport(writer.scene_count, writer.mask_count, without_stuff, empty)
        writer.finish(f"COCO annotations: {instances.name}" + (f", {maps.name}" if maps else ""))
    return report


def _thing_masks(image: CocoImage) -> list[tuple[int, Mask]]:
    """The photo's things, crowds first, then back to front."""
    crowds: list[Placement] = []
    singles: list[Placement] = []
    for annotation in image.annotations:
        mask = Mask.from_full(silhouette(annotation, image.height, image.width))
        if mask is not None:
            kind = crowds if annotation.get("iscrowd") else singles
            kind.append(Placement(annotation["category_id"] - 1, (mask,)))
    return [(p.label, p.mask) for p in [*back_to_front(crowds), *back_to_front(singles)]]


def _stuff_masks(label_map: NDArray[np.uint8]) -> list[tuple[int, Mask]]:
    """One mask for each stuff label of a map, larger ones first."""
    counts = np.bincount(label_map.ravel(), minlength=256)[FIRST_STUFF:COUNT]
    masks = []
    for offset in np.argsort(-counts, kind="stable"):
        if counts[offset] < max(SMALLEST_STUFF * label_map.size, 1):
            break
        mask = Mask.from_full(label_map == FIRST_STUFF + offset)
        if mask is not None:
            masks.append((int(FIRST_STUFF + offset), mask))
    return masks
