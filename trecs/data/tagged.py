"""Words with a label each, in the format of the released data, from traced narratives.

The released narratives (google-research/trecs_image_generation) are `image_id, annotator_id,
words, tags`: normalised words without punctuation, and the name of a COCO-Stuff label for each.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.progress import progress_bar
from files.text import numbered_lines
from retrieval.words import normalise
from segmentation.labels import NAMES, UNLABELED
from trecs import narrative
from trecs.data.hull_labels import hull_labels
from trecs.data.refinement import LabelRefiner, NoisyNarrative
from trecs.narrative import Narrative


@dataclass(frozen=True, eq=False)
class Noisy:
    """A narrative labelled by its trace alone, and whose it is."""

    image_id: int
    annotator_id: int
    told: NoisyNarrative


def noisy(told: Narrative, image_id: int, label_map: NDArray[np.uint8]) -> Noisy | None:
    """A narrative labelled by hulls over its photo's label map, (H, W) uint8, 255 = unlabeled.

    Words that are punctuation alone are left out. None where nothing can be labelled.
    """
    labels = hull_labels(told, label_map)
    words = [normalise(word.text) for word in told.words]
    spoken = np.array([word != "" for word in words], bool)
    if labels is None or not spoken.any():
        return None
    present = np.flatnonzero(np.bincount(label_map.ravel(), minlength=256)[:UNLABELED])
    kept = tuple(word for word in words if word)
    return Noisy(
        image_id,
        told.annotator_id,
        NoisyNarrative(kept, labels[spoken], present.astype(np.uint8)),
    )


def usable(path: Path) -> Iterator[Narrative | InputError]:
    """The narratives of a file, one a line; for each that `narrative.loads` refuses, why.

    Empty lines are passed over. Raises InputError where the file cannot be read or decoded, and
    where none of all can be used.
    """
    what = f"The file of narratives '{path}'"
    first, good = None, False
    try:
        with path.open("rb") as file:
            lines = numbered_lines(file, what)
            for number, line in progress_bar(lines, desc=path.name, unit="narrative"):
                try:
                    told = narrative.loads(line)
                except InputError as error:
                    refused = InputError(f"line {number} of '{path}': {error}")
                    first = first or refused
                    yield refused
                else:
                    good = True
                    yield told
    except OSError as error:
        raise InputError(
            f"The narratives '{path}' cannot be read ({error.strerror}); expected Localized "
            "Narratives, one JSON object a line."
        ) from error
    if first and not good:
        raise InputError(f"No narrative of the file can be used; the first is {first}")


def lines(corpus: Sequence[Noisy], refiner: LabelRefiner | None) -> Iterator[str]:
    """The narratives with their refined labels, or the noisy ones, as lines of the format."""
    told = [one.told for one in corpus]
    refined = refiner.refine(told) if refiner and told else [one.labels for one in told]
    for one, labels in zip(corpus, refined, strict=True):
        record = {
            "image_id": one.image_id,
            "annotator_id": one.annotator_id,
            "words": list(one.told.words),
            "tags": [NAMES[label] for label in labels],
        }
        yield json.dumps(record, ensure_ascii=False) + "\n"
