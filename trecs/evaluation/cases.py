"""The narratives that systems draw, with what is known of their photos, one at a time.

A data folder in the layout of `trecs.data.dataset` has either traced narratives,
`narratives/localized_dev.jsonl` as `trecs data prepare` writes them, or only tagged ones: then
those of held-back photos, with traces that the simulated annotator (`trecs.data.annotator`) draws.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.identity import image_name, image_number
from retrieval.words import normalise
from segmentation.canvas import read_label_map
from segmentation.labels import UNLABELED
from trecs import narrative
from trecs.data.annotator import simulate
from trecs.data.dataset import Dataset, TaggedNarrative
from trecs.data.photo_masks import PhotoMasks, square
from trecs.narrative import Narrative

MASK_SIDE = 256


@dataclass(frozen=True, eq=False)
class Case:
    """A narrative to draw.

    `name` tells it from all others of its source, and is part of file names. `tags` (N,) uint8:
    the reference label of each word. `image` and `labels`: its photo and that one's label map.
    What there is none of is None.
    """

    name: str
    narrative: Narrative
    tags: NDArray[np.uint8] | None = None
    image: Path | None = None
    labels: Path | None = None

    @property
    def photo(self) -> str:
        """Tells its photo from others; cases of one photo belong together."""
        return self.narrative.image_id or self.name


@dataclass(frozen=True)
class BadCase:
    """A narrative that cannot be drawn, and why."""

    name: str
    reason: str


class Cases(Protocol):
    """Narratives that can be gone through again and again, always in the same order."""

    @property
    def title(self) -> str:
        """What they are, for the protocol."""
        ...

    @property
    def fingerprint(self) -> str:
        """Tells one source from another."""
        ...

    def __len__(self) -> int:
        """How many there are, the bad ones too."""
        ...

    def __iter__(self) -> Iterator[Case | BadCase]:
        """One after another; none is kept."""
        ...


def cases_of(dataset: Dataset) -> Cases:
    """The narratives of a data folder; raises InputError where it has none to evaluate on."""
    traced = dataset.folder / "narratives" / "localized_dev.jsonl"
    if traced.is_file():
        return TracedCases(dataset, traced)
    held = dataset.narratives("held")
    if not held:
        raise InputError(
            f"No narratives to draw in '{dataset.folder}'; expected "
            "narratives/localized_dev.jsonl (see `trecs data prepare`), or narratives/dev.jsonl "
            "with their photos in coco/images."
        )
    return SimulatedCases(dataset, held)


class TracedCases:
    """Localized Narratives with their own traces, read line by line."""

    def __init__(self, dataset: Dataset, path: Path) -> None:
        self._dataset, self._path = dataset, path
        self.title = f"Localized Narratives with their traces ({path.name})"
        self.fingerprint = _fingerprint(path)
        with path.open("rb") as file:
            self._count = sum(1 for _ in file)
        self._tagged: dict[tuple[int, int], list[TaggedNarrative]] = {}
        for one in dataset.narratives("dev"):
            self._tagged.setdefault((one.image_id, one.annotator_id), []).append(one)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Case | BadCase]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield self._case(number, narrative.loads(line))
                except InputError as error:
                    yield BadCase(f"line-{number:06d}", str(error))

    def _case(self, number: int, told: Narrative) -> Case:
        words = tuple(word for word in told.words if normalise(word.text))
        told = replace(told, words=words or told.words)
        name = f"{number:06d}-{re.sub(r'[^0-9A-Za-z]', '_', told.image_id)[:32] or 'x'}"
        image_id = image_number(told.image_id)
        if image_id is None:
            return Case(name, told)
        image = self._dataset.coco / "images" / f"{image_name(image_id)}.jpg"
        labels = self._dataset.coco / "labels" / f"{image_name(image_id)}.png"
        spoken = tuple(normalise(word.text) for word in words)
        tagged = self._tagged.get((image_id, told.annotator_id), ())
        return Case(
            name,
            told,
            next((one.tags for one in tagged if one.words == spoken), None),
            image if image.is_file() else None,
            labels if labels.is_file() else None,
        )


class SimulatedCases:
    """Tagged narratives, as a rule of held-back photos, with traces drawn from the photos' masks.

    The random state of a trace is the narrative's number, from 0.
    """

    title = "held-back tagged narratives with traces that the simulated annotator drew"

    def __init__(self, dataset: Dataset, narratives: list[TaggedNarrative]) -> None:
        self._narratives = narratives
        self._masks = PhotoMasks(dataset, MASK_SIDE)
        photos = dataset.photos(sets=("coco_more", "coco"))
        self._photos = {int(p.name): p for p in photos if not p.machine_made}
        folder = dataset.folder / "narratives"
        self.fingerprint = "-".join(
            _fingerprint(path)
            for path in (folder / "train.jsonl", folder / "dev.jsonl")
            if path.is_file()
        )

    def __len__(self) -> int:
        return len(self._narratives)

    def __iter__(self) -> Iterator[Case | BadCase]:
        for number, told in enumerate(self._narratives):
            name, photo = f"{number:06d}-{told.image_id}", self._photos.get(told.image_id)
            if photo is None:
                yield BadCase(name, f"The photo {told.image_id} has no label map.")
                continue
            drawn = simulate(
                told.words, told.tags, self._masks.of(photo), np.random.default_rng(number)
            )
            drawn = replace(drawn, image_id=str(told.image_id), annotator_id=told.annotator_id)
            yield Case(name, drawn, told.tags, photo.image_path, photo.label_path)


def squeezed_labels(path: Path | None, size: int) -> NDArray[np.uint8] | None:
    """A photo's label map squeezed to (size, size) uint8; None where nothing is labelled."""
    if path is None:
        return None
    labels = square(read_label_map(path), size)
    return None if (labels == UNLABELED).all() else labels


def _fingerprint(path: Path) -> str:
    """The size of a file and a checksum of its beginning, 1 MB."""
    with path.open("rb") as file:
        return f"{path.stat().st_size}-{zlib.crc32(file.read(1 << 20)):08x}"
