"""Builds a scene library from COCO's annotation files; photos are kept where they are given.

Things come from `instances_*.json`; stuff from COCO's `stuff_*_pixelmaps` or from COCO-Stuff's
`stuffthingmaps`, one mask for each stuff label of a photo.

Photos are squeezed to squares, as the canvas is one. A crowd region (`iscrowd`) is one mask
behind the single things. Annotations have no depth, so a scene's things are put back to front
by `segmentation.composition.back_to_front` (reconstructed).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from files.errors import InputError
from retrieval.coco_files import NO_SYNONYMS, CocoImage, read_instances
from retrieval.kept_photos import KeptPhotos
from retrieval.library_writer import LibraryWriter
from retrieval.numberings import PIXELMAPS, VALUES
from retrieval.painted import stuff_masks
from retrieval.silhouettes import silhouette
from retrieval.stuff_maps import open_stuff_maps
from segmentation.composition import Placement, back_to_front
from segmentation.masks import Mask


@dataclass(frozen=True)
class BuildReport:
    """What became of the photos: `scenes` with `masks`, of which some came `without_stuff`.

    `empty` photos have neither things nor stuff and are left out. `photos`: scenes that keep
    theirs. `notes`: what the user should know of the annotations and maps, a line each.
    """

    scenes: int
    masks: int
    without_stuff: int
    empty: int
    photos: int = 0
    notes: tuple[str, ...] = ()


def build_library(
    instances: Path,
    out: Path,
    *,
    stuff: Path | None = None,
    labels: Path | None = None,
    photos: Path | None = None,
    synonyms: Mapping[str, int] = NO_SYNONYMS,
    strict: bool = False,
    embed: Callable[[Path], None] | None = None,
) -> BuildReport:
    """Builds a library in the folder `out` from an instances file and stuff or label maps.

    `stuff`: a folder of COCO's stuff pixel maps; `labels`: one of COCO-Stuff's stuffthingmaps.
    `photos`: the folder of the photos, which are kept in the library, scaled down.
    `synonyms`: names that categories may have beside those of labels, with the labels' values.
    `strict`: what else would be left out is refused. `embed` gives it embeddings of its scenes
    before it is in its place. Raises InputError for a damaged or foreign file; then `out` stays as
    it was.
    """
    from files.progress import progress_bar

    found = read_instances(instances, synonyms=synonyms, strict=strict)
    images, notes = found.images, found.report()
    if not images:
        raise InputError(f"'{instances}' lists no images; expected COCO's instances file.")
    folder = stuff or labels
    maps = None
    if folder is not None:
        declared = PIXELMAPS if stuff else VALUES
        maps, told = open_stuff_maps(folder, declared, images, strict=strict)
        notes += told
    kept = KeptPhotos(photos, images, strict=strict) if photos is not None else None
    without_stuff = empty = no_pixel = 0
    with LibraryWriter(out, photos=kept is not None) as writer:
        for image in progress_bar(images, desc="scenes", unit="scene"):
            masks: list[tuple[int, Mask]] = []
            path = maps.path_of(image) if maps is not None else None
            if maps is not None and path is not None:
                masks += stuff_masks(maps.read(image, path))
            things = _thing_masks(image)
            no_pixel += len(image.annotations) - len(things)
            masks += things
            if masks:
                photo = kept.code_of(image) if kept is not None else b""
                writer.append_scene(image.stem, masks, photo)
                without_stuff += path is None
            else:
                empty += 1
        source = f"COCO annotations: {instances.name}" + (f", {folder.name}" if folder else "")
        if kept is not None:
            notes += kept.report()
        if no_pixel:
            notes.append(f"{no_pixel:,} annotations cover no pixel of their photo")
        report = BuildReport(
            writer.scene_count,
            writer.mask_count,
            without_stuff,
            empty,
            kept.count if kept is not None else 0,
            tuple(notes),
        )
        writer.finish(source, embed)
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
