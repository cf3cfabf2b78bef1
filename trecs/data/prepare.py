"""From COCO, COCO-Stuff and Localized Narratives on disk to the folder that training reads.

Written are `coco/images/*.jpg`, `coco/labels/*.png` (things over stuff), `coco/instances/*.png`
(16-bit, 0 = stuff), `coco/instances.json`, `coco/captions.jsonl`, and of the narratives
`narratives/localized_{train,dev}.jsonl` with their traces and `narratives/{train,dev}.jsonl`, the
format of the released data: words and a label for each, by hull labelling and refinement (TReCS,
section 2.1), whose statistics are learned from all narratives that are prepared.

All files of an image, and all that speaks of it, have its number (`retrieval.identity`), however
the files that come were called.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from files import disk
from files.errors import InputError
from files.left_out import LeftOut
from files.progress import progress_bar
from files.resumable import Resumable
from files.whole import write_atomically
from retrieval.categories import category_records
from retrieval.coco_files import NO_SYNONYMS, CocoImage, read_instances
from retrieval.identity import image_name, image_number, map_of, photo_of
from retrieval.numberings import PIXELMAPS, VALUES, Numbering
from retrieval.photos import BadPhoto
from retrieval.stuff_maps import StuffMaps, open_stuff_maps
from segmentation.canvas import instance_png, label_png, read_label_map
from trecs import narrative
from trecs.data.attempt import begin_attempt, end_attempt
from trecs.data.coco import instance_map, label_of_instances, read_captions
from trecs.data.photo_files import bring_photo
from trecs.data.refinement import LabelRefiner, RefinerConfig
from trecs.data.tagged import Noisy, lines, noisy, usable

SPLITS = {"train": "train", "val": "dev"}
"""COCO's splits and ours."""
LAYOUT = 2
"""Of the folder; attempts of another one are not gone on with."""


@dataclass(frozen=True)
class Split:
    """Where the files of one split of COCO 2017 lie; `captions` may be missing."""

    name: str
    instances: Path
    photos: Path
    stuff: Path
    numbering: Numbering
    captions: Path
    narratives: tuple[Path, ...]


@dataclass
class Counts:
    """What was prepared, and what was left out; `notes` for the user tell more, a line each."""

    photos: int = 0
    without_photo: int = 0
    without_stuff: int = 0
    narratives: int = 0
    unusable_narratives: int = 0
    narratives_of_others: int = 0  # of photos that are not among those prepared
    notes: list[str] = field(default_factory=list)
    first_unusable: str = ""  # narrative: where it is, and why


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


def prepare(
    coco: Path,
    out: Path,
    refinement: RefinerConfig | None = None,
    *,
    synonyms: Mapping[str, int] = NO_SYNONYMS,
    strict: bool = False,
) -> Counts:
    """Prepares the splits found in `coco` as the folder `out`, which must not exist or be empty.

    `refinement`: how the words' labels are refined; None leaves those of the hulls. `synonyms`:
    names that categories may have beside those of labels, with the labels' values. `strict`:
    annotations and photos that cannot be used are refused rather than left out.

    The work is done in `OUT.part`, which gets its name at the end, or in `OUT/.part` where `out` is
    there (a mounted volume); label maps that an earlier attempt finished there are kept. Raises
    InputError for files that are missing or wrong, and where the disk refuses.
    """
    splits = find_splits(coco)
    with Resumable(out) as staging, disk.told(out, within=staging.work):
        files = [(str(s.instances), s.instances.stat().st_mtime_ns, str(s.stuff)) for s in splits]
        begin_attempt(staging.work, json.dumps([LAYOUT, files]))
        counts = _prepare(splits, staging.work, coco, refinement, synonyms, strict)
        staging.commit()
    return counts


def _prepare(
    splits: Sequence[Split],
    work: Path,
    coco: Path,
    refinement: RefinerConfig | None,
    synonyms: Mapping[str, int],
    strict: bool,
) -> Counts:
    counts, photos = Counts(), LeftOut("photos", strict=strict)
    images: list[CocoImage] = []
    captions: list[tuple[int, str]] = []
    told: dict[str, list[Noisy]] = {}
    for split in splits:
        found = read_instances(split.instances, synonyms=synonyms, strict=strict)
        counts.notes += found.report()
        there = list(_with_files(found.images, split, counts))
        _check_apart(images, there, split)
        photos.total += len(there)
        if not there:
            continue
        maps, notes = open_stuff_maps(split.stuff, split.numbering, there, strict=strict)
        counts.notes += notes
        kept = [
            image
            for image in progress_bar(there, desc=f"{split.name}: label maps", unit="photo")
            if _written(image, split, maps, work / "coco", photos)
        ]
        images += kept
        ids = {i.id: work / "coco" / "labels" / f"{image_name(i.id)}.png" for i in kept}
        if split.captions.is_file():
            told_captions, notes = read_captions(split.captions, strict=strict)
            captions += [c for c in told_captions if c[0] in ids]
            counts.notes += notes
        if split.narratives:
            told[SPLITS[split.name]] = _write_traces(split, ids, work / "narratives", counts)
    counts.notes += photos.lines()
    if not images:
        raise InputError(
            f"None of the {counts.without_photo + counts.without_stuff + photos.total:,} images "
            f"that the annotations describe has both its photo and its stuff map in '{coco}'; are "
            f"these files of one dataset? {' '.join(photos.lines())}".strip()
        )
    counts.photos = len(images)
    _write_records(images, captions, work / "coco")
    _write_tags(told, work / "narratives", refinement)
    end_attempt(work, {image_name(image.id) for image in images})
    return counts


def _check_apart(before: Sequence[CocoImage], images: Sequence[CocoImage], split: Split) -> None:
    """Raises InputError where an image of another split has the same id."""
    known = {image.id: image for image in before}
    for image in images:
        if image.id in known:
            raise InputError(
                f"The id {image.record['id']} is that of '{known[image.id].file_name}' and, in "
                f"'{split.instances}', of '{image.file_name}'; expected an id for each image, "
                "since narratives and files are found by it. Number them apart."
            )


def _find_split(coco: Path, name: str) -> Split:
    pixelmaps = f"stuff_{name}2017_pixelmaps"
    photos = coco / f"{name}2017"
    if not photos.is_dir():
        raise InputError(
            f"The photos '{photos}' are missing though their annotations are there; get them with "
            f"`trecs data download --groups {name}-photos`, or move the annotations away."
        )
    places = [
        (coco / "stuffthingmaps" / f"{name}2017", VALUES),
        (coco / "annotations" / pixelmaps, PIXELMAPS),
        (coco / pixelmaps, PIXELMAPS),
    ]
    for folder, numbering in places:
        if folder.is_dir():
            return Split(
                name,
                coco / "annotations" / f"instances_{name}2017.json",
                photos,
                folder,
                numbering,
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
        if photo_of(split.photos, image.file_name) is None:
            counts.without_photo += 1
        elif map_of(split.stuff, image.file_name, image.id) is None:
            counts.without_stuff += 1
        else:
            yield image


def _written(
    image: CocoImage, split: Split, maps: StuffMaps, folder: Path, left_out: LeftOut
) -> bool:
    """Whether a photo can be used: if so, it, its instance map and its label map are written.

    The label map is the last one and marks it as done.
    """
    done = folder / "labels" / f"{image_name(image.id)}.png"
    photo, path = photo_of(split.photos, image.file_name), maps.path_of(image)
    if done.is_file() or photo is None or path is None:
        return done.is_file()
    try:
        bring_photo(photo, image, folder / "images" / f"{done.stem}.jpg")
    except BadPhoto as error:
        left_out.add(f"'{photo}'", error.why, str(error))
        return False
    stuff = maps.read(image, path)
    instances = instance_map(image, *stuff.shape)
    things = label_of_instances(instances, image)
    # Maps that have the things already have them in their authors' order of painting.
    labels = stuff if maps.numbering.has_things else np.where(instances > 0, things, stuff)
    instances = np.where(labels == things, instances, 0)
    write_atomically(folder / "instances" / done.name, instance_png(instances))
    write_atomically(done, label_png(labels))
    return True


def _write_traces(split: Split, ids: dict[int, Path], folder: Path, counts: Counts) -> list[Noisy]:
    """Writes the usable narratives of these photos, `ids` to their label maps, with their traces.

    Returns them labelled by hulls, without those that cannot be.
    """
    labelled: list[Noisy] = []
    with (folder / f"localized_{SPLITS[split.name]}.jsonl").open("w", encoding="utf-8") as file:
        for told in (told for path in split.narratives for told in usable(path)):
            if isinstance(told, InputError):
                counts.unusable_narratives += 1
                counts.first_unusable = counts.first_unusable or str(told)
                continue
            image_id = image_number(told.image_id)
            if image_id not in ids:
                counts.narratives_of_others += 1
                continue
            counts.narratives += 1
            print(narrative.dumps(replace(told, image_id=str(image_id))), file=file)
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
    images: Sequence[CocoImage], captions: list[tuple[int, str]], folder: Path
) -> None:
    annotations = [dict(annotation) for image in images for annotation in image.annotations]
    record = {
        "images": [
            {
                **image.record,
                "id": image.id,
                "file_name": f"{image_name(image.id)}.jpg",
                "height": image.height,
                "width": image.width,
            }
            for image in images
        ],
        "annotations": annotations,
        "categories": category_records({a["category_id"] - 1 for a in annotations}),
    }
    write_atomically(folder / "instances.json", json.dumps(record).encode())
    lines = (json.dumps({"image_id": i, "caption": text}) + "\n" for i, text in captions)
    write_atomically(folder / "captions.jsonl", "".join(lines).encode())
