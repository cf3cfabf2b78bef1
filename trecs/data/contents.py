"""What a data folder holds, set by set: photos, label maps, texts, polygons; and which labels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.progress import progress_bar
from retrieval.identity import number_of
from retrieval.stuff_maps import read_stuffthingmap
from segmentation.labels import COUNT, value_of
from trecs.data.dataset import EVERY_SET, Dataset, Photo
from trecs.data.described import captions_of

PERSON_ID = value_of("person") + 1  # of COCO's category ids
SHOWN = 8  # entries of a folder that an error names


@dataclass(frozen=True)
class SetContents:
    """What is counted of the photos of a set that have a label map.

    `accuracy`: the share of a machine-made map's pixels, 0 to 1, that is expected to be right,
    the mean over these maps; None where there are none.
    """

    name: str  # of its folder
    photos: int
    held_back: int
    machine_made: int  # label maps; people drew the others
    accuracy: float | None
    captions: int
    narratives: int  # that describe its photos, held back or not
    all_things: int  # photos with polygons of all their things
    people_only: int  # photos with polygons of their people alone
    people: int  # polygons of single people, in photos of either kind


@dataclass(frozen=True)
class LabelContents:
    """How many photos show a label, and its share, 0 to 1, of the labelled pixels of all maps."""

    label: int
    photos: int
    share: float


@dataclass(frozen=True)
class Contents:
    """What a data folder holds.

    `sets`: those that have photos, in the order of EVERY_SET; `total`: all of them together.
    `narratives`: how many there are by split, as `Dataset.narratives` divides them. `labels`: those
    that occur, the ones that most photos show first.
    """

    sets: tuple[SetContents, ...]
    total: SetContents
    narratives: Mapping[str, int]
    labels: tuple[LabelContents, ...]


def contents_of(dataset: Dataset) -> Contents:
    """Counts what a data folder holds; reads all its label maps.

    Raises InputError where it holds neither photos with label maps nor narratives, or where a file
    cannot be used.
    """
    photos = dataset.photos(sets=EVERY_SET)
    everything = dataset.narratives("all")
    if not photos and not everything:
        raise InputError(_nothing_in(dataset))
    count = _Counter(dataset, Counter(narrative.image_id for narrative in everything))
    by_set = {name: [p for p in photos if p.source == name] for name in EVERY_SET}
    return Contents(
        tuple(
            count.of(dataset.coco.name if name == "coco" else name, some)
            for name, some in by_set.items()
            if some
        ),
        count.of("all", photos),
        {split: len(dataset.narratives(split)) for split in ("train", "dev", "held")},
        _labels(photos),
    )


class _Counter:
    """Counts what belongs to photos; `narratives`: how many there are by image id."""

    def __init__(self, dataset: Dataset, narratives: Mapping[int, int]) -> None:
        self._dataset, self._narratives = dataset, narratives
        self._captions = captions_of(dataset)

    def of(self, name: str, photos: Sequence[Photo]) -> SetContents:
        """What is counted of some photos, under a name."""
        expected = [photo.accuracy for photo in photos if photo.machine_made]
        things = [
            found
            for photo in photos
            if (found := self._dataset.things_of(photo)) is not None and found.image.annotations
        ]
        return SetContents(
            name,
            photos=len(photos),
            held_back=sum(photo.held_back for photo in photos),
            machine_made=len(expected),
            accuracy=float(np.mean(expected)) if expected else None,
            captions=sum(len(self._captions.get(f"{p.source}/{p.name}", ())) for p in photos),
            narratives=sum(self._told(photo) for photo in photos),
            all_things=sum(not found.people_only for found in things),
            people_only=sum(found.people_only for found in things),
            people=sum(
                annotation["category_id"] == PERSON_ID and not annotation.get("iscrowd")
                for found in things
                for annotation in found.image.annotations
            ),
        )

    def _told(self, photo: Photo) -> int:
        of_coco = photo.source in ("coco", "coco_more")
        return self._narratives.get(number_of(photo.image_path), 0) if of_coco else 0


def _labels(photos: Sequence[Photo]) -> tuple[LabelContents, ...]:
    pixels, shown = np.zeros(COUNT, np.int64), np.zeros(COUNT, np.int64)
    with ThreadPoolExecutor() as pool:
        for found in progress_bar(
            pool.map(_pixels, photos), "label maps", len(photos), unit="photo"
        ):
            pixels += found
            shown += found > 0
    order = np.argsort(-shown, kind="stable")[: np.count_nonzero(shown)]
    shares = pixels / max(pixels.sum(), 1)
    return tuple(LabelContents(int(i), int(shown[i]), float(shares[i])) for i in order)


def _pixels(photo: Photo) -> NDArray[np.int64]:
    """How many pixels of a photo's label map, as it is stored, each label has, (182,)."""
    labels = read_stuffthingmap(photo.label_path)
    return np.bincount(labels.ravel(), minlength=COUNT)[:COUNT]


def _nothing_in(dataset: Dataset) -> str:
    entries = sorted(path.name for path in dataset.folder.iterdir())
    shown = ", ".join(entries[:SHOWN]) + (", ..." if len(entries) > SHOWN else "")
    return (
        f"'{dataset.folder}' holds no training data, but {shown or 'nothing at all'}; expected "
        "narratives/{train,dev}.jsonl, or images/*.jpg with labels/*.png in coco_mini/ or one of "
        f"{'/, '.join(EVERY_SET)}/. `trecs data prepare` makes such a folder from COCO's files."
    )
