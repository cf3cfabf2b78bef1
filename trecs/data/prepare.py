"""From COCO, COCO-Stuff and Localized Narratives on disk to the folder that training reads.

Written are `coco/images/*.jpg`, `coco/labels/*.png` (things over stuff), `coco/instances/*.png`
(16-bit, 0 = stuff), `coco/instances.json`, `coco/captions.jsonl`, and of the narratives
`narratives/localized_{train,dev}.jsonl` with their traces and `narratives/{train,dev}.jsonl`, the
format of the released data: words and a label for each, by hull labelling and refinement (TReCS,
section 2.1), whose statistics are learned from all narratives that are prepared.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.progress import progress_bar
from files.weights import write_atomically
from retrieval.coco_files import (
    CocoImage,
    check_same_shape,
    read_instances,
    read_pixelmap,
    read_stuffthingmap,
)
from segmentation.canvas import instance_png, label_png, read_label_map
from trecs import narrative
from trecs.data.coco import instance_map, label_of_instances, read_captions
from trecs.data.refinement import LabelRefiner, RefinerConfig
from trecs.data.tagged import Noisy, lines, noisy, usable

SPLITS = {"train": "train", "val": "dev"}
"""COCO's splits and ours."""


@dataclass(frozen=True)
class Split:
    """Where the files of one split of COCO 2017 lie; `captions` may be missing."""

    name: str
    instances: Path
    photos: Path
    stuff: Path
    read_stuff: Callable[[Path], NDArray[np.uint8]]
    captions: Path
    narratives: tuple[Path, ...]


@dataclass
class Counts:
    """What was prepared, and what was left out."""

    photos: int = 0
    without_photo: int = 0
    without_stuff: int = 0
    narratives: int = 0
    unusable_narratives: int = 0


def find_splits(coco: Path) -> list[Split]:
    """The splits that a folder has, in the layout that `trecs data download` leaves.

    Raises InputError where there is none, or photos or stuff maps of one are missing.
    """
    found = [
        _find_split(coco, name)
        for name in SPLITS
        if (coco / "annotations" / f"instances_{name}2017.json").is_file()
    ]
    if not found:
        raise InputError(
            f"No COCO in '{coco}': annotations/instances_train2017.json or instances_val2017.json "
            "is missing. `trecs data download --out DIR` makes such a folder."
        )
    return found


def prepare(coco: Path, out: Path, refinement: RefinerConfig | None = None) -> Counts:
    """Prepares the splits found in `coco` as the folder `out`, which must not exist yet.

    `refinement`: how the words' labels are refined; None leaves those of the hulls.

    The work is done in `OUT.part`, which gets its name at the end; label maps that an earlier
    attempt finished there are kept. Raises InputError for files that are missing or wrong.
    """
    splits = find_splits(coco)
    if out.exists():
        raise InputError(f"'{out}' exists already; give a new folder to --out, or delete it.")
    work = out.with_name(out.name + ".part")
    for folder in ("coco/images", "coco/labels", "coco/instances", "narratives"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    counts = Counts()
    images: list[CocoImage] = []
    categories: Sequence[Any] = []
    captions: list[tuple[int, str]] = []
    told: dict[str, list[Noisy]] = {}
    for split in splits:
        found = read_instances(split.instances)
        categories = found.categories
        kept = list(_with_files(found.images, split, counts))
        for image in progress_bar(kept, desc=f"{split.name}: label maps", unit="photo"):
            _write_maps(image, split, work / "coco")
        images += kept
        ids = {image.id: work / "coco" / "labels" / f"{image.stem}.png" for image in kept}
        if split.captions.is_file():
            captions += [c for c in read_captions(split.captions) if c[0] in ids]
        if split.narratives:
            told[SPLITS[split.name]] = _write_traces(split, ids, work / "narratives", counts)
    if not images:
        raise InputError(
            f"None of the {counts.without_photo + counts.without_stuff:,} images that the "
            f"annotations describe has both its photo and its stuff map in '{coco}'; are these "
            "files of one dataset?"
        )
    counts.photos = len(images)
    _write_records(images, categories, captions, work / "coco")
    _write_tags(told, work / "narratives", refinement)
    work.replace(out)
    return counts


def _find_split(coco: Path, name: str) -> Split:
    pixelmaps = f"stuff_{name}2017_pixelmaps"
    photos = coco / f"{name}2017"
    if not photos.is_dir():
        raise InputError(
            f"The photos '{photos}' are missing though their annotations are there; get them with "
            f"`trecs data download --groups {name}-photos`, or move the annotations away."
        )
    places: list[tuple[Path, Callable[[Path], NDArray[np.uint8]]]] = [
        (coco / "stuffthingmaps" / f"{name}2017", read_stuffthingmap),
        (coco / "annotations" / pixelmaps, read_pixelmap),
        (coco / pixelmaps, read_pixelmap),
    ]
    for folder, reader in places:
        if folder.is_dir():
            return Split(
                name,
                coco / "annotations" / f"instances_{name}2017.json",
                photos,
                folder,
                reader,
                coco / "annotations" / f"captions_{name}2017.json",
                tuple(sorted(coco.glob(f"coco_{name}_localized_narratives*.jsonl"))),
            )
    raise InputError(
        f"The stuff maps of {name}2017 are missing in '{coco}': none of "
        + ", ".join(str(folder.relative_to(coco)) for folder, _ in places)
        + " is there. Get them with `trecs data download --groups stuff`."
    )


def _with_files(images: Sequence[CocoImage], split: Split, counts: Counts) -> Iterator[CocoImage]:
    for image in images:
        if not (split.photos / image.file_name).is_file():
            counts.without_photo += 1
        elif not (split.stuff / f"{image.stem}.png").is_file():
            counts.without_stuff += 1
        else:
            yield image


def _write_maps(image: CocoImage, split: Split, folder: Path) -> None:
    """Writes the photo, the instance map and, last, the label map, which marks it as done."""
    done = folder / "labels" / f"{image.stem}.png"
    if done.is_file():
        return
    path = split.stuff / f"{image.stem}.png"
    stuff = split.read_stuff(path)
    check_same_shape(stuff, image, path)
    instances = instance_map(image, *stuff.shape)
    things = label_of_instances(instances, image)
    # COCO-Stuff's own maps have the things already, in its authors' order of painting.
    done_by_them = split.read_stuff is read_stuffthingmap
    labels = stuff if done_by_them else np.where(instances > 0, things, stuff)
    instances = np.where(labels == things, instances, 0)
    _link(split.photos / image.file_name, folder / "images" / f"{image.stem}.jpg")
    write_atomically(folder / "instances" / f"{image.stem}.png", instance_png(instances))
    write_atomically(done, label_png(labels))


def _link(source: Path, target: Path) -> None:
    """Links a photo, or copies it where the file system has no links."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_traces(split: Split, ids: dict[int, Path], folder: Path, counts: Counts) -> list[Noisy]:
    """Writes the usable narratives of these photos, `ids` to their label maps, with their traces.

    Returns them labelled by hulls, without those that cannot be.
    """
    labelled: list[Noisy] = []
    with (folder / f"localized_{SPLITS[split.name]}.jsonl").open("w", encoding="utf-8") as file:
        for told in (told for path in split.narratives for told in usable(path)):
            if told is None:
                counts.unusable_narratives += 1
                continue
            image_id = int(told.image_id) if told.image_id.isdecimal() else -1
            if image_id in ids:
                counts.narratives += 1
                print(narrative.dumps(told), file=file)
                found = noisy(told, image_id, read_label_map(ids[image_id]))
                labelled += [found] if found else []
    return labelled


def _write_tags(
    told: dict[str, list[Noisy]], folder: Path, refinement: RefinerConfig | None
) -> None:
    """Writes the narratives of each split, by its name, with a label for each word."""
    corpus = [one.told for some in told.values() for one in some]
    refiner = LabelRefiner.fit(corpus, refinement) if corpus and refinement else None
    for name, some in told.items():
        write_atomically(folder / f"{name}.jsonl", "".join(lines(some, refiner)).encode())


def _write_records(
    images: Sequence[CocoImage],
    categories: Sequence[Any],
    captions: list[tuple[int, str]],
    folder: Path,
) -> None:
    record = {
        "images": [dict(image.record) for image in images],
        "annotations": [dict(a) for image in images for a in image.annotations],
        "categories": categories,
    }
    write_atomically(folder / "instances.json", json.dumps(record).encode())
    lines = (json.dumps({"image_id": i, "caption": text}) + "\n" for i, text in captions)
    write_atomically(folder / "captions.jsonl", "".join(lines).encode())
