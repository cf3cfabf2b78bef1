"""The class of a photo or of words: its main label, for systems that are told one.

The label of a thing of which there is most, else that of stuff; ImageNet's photos and Oxford's
flowers, which the papers draw, have one class each, COCO's have not (reconstructed).
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from segmentation.labels import COUNT, FIRST_STUFF, UNLABELED
from trecs.data.dataset import Photo
from trecs.data.described import Described
from trecs.systems.parts.caption_training import CaptionBatches

LEAST = 0.02  # of the picture: smaller things are not what it shows
RARE = 1 / 600  # of the photos: a label that is the main one of fewer is no class

Labelled = tuple[Tensor, list[tuple[int, ...]], Tensor]
"""Photos (B, 3, S, S) in [-1, 1], a caption of each, and their classes (B,) int64."""


def main_label(amounts: NDArray[Any], known: Sequence[int] = range(COUNT)) -> int | None:
    """The thing of which there is most, else the stuff; None where there is nothing.

    `amounts` (182,): how much there is of each label; only `known` labels count.
    """
    allowed = np.zeros(COUNT)
    allowed[list(known)] = 1
    counted = amounts * allowed
    for first, part in ((0, counted[:FIRST_STUFF]), (FIRST_STUFF, counted[FIRST_STUFF:])):
        if part.any():
            return first + int(part.argmax())
    return None


def amounts_of(tags: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many words (N,) speak of each label, (182,)."""
    return np.bincount(tags[tags != UNLABELED], minlength=COUNT)


def shares_of(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of a label map (H, W) that each label has, (182,); a small thing's is 0."""
    shares = np.bincount(labels.ravel(), minlength=UNLABELED + 1)[:COUNT] / labels.size
    shares[:FIRST_STUFF][shares[:FIRST_STUFF] < LEAST] = 0
    return shares


def class_loss(logits: Tensor, classes: Tensor) -> Tensor:
    """Whether pictures are of each class (B, C), the mean of binary cross entropies. A scalar.

    TAC-GAN's (Dash et al., 2017), where `classes` (B,) int64 are those of the pictures.
    """
    of_each = functional.one_hot(classes, logits.shape[1]).float()
    return functional.binary_cross_entropy_with_logits(logits.float(), of_each)


class LabelledBatches(CaptionBatches):
    """Batches with the classes of the photos; photos that show none of them are left out.

    `labels`: those that are classes, in the order of their values. `classes`: the photos', (N,).
    `rare`: a label that is the main one of a smaller share of the photos is no class.
    """

    rare: ClassVar[float] = RARE

    def __init__(self, photos: Sequence[Described], *arguments: Any, **numbers: Any) -> None:
        """Raises InputError where too few photos have a class."""
        with ThreadPoolExecutor() as pool:
            shares = list(pool.map(_shares, [one.photo for one in photos]))
        counts = Counter(main_label(one) for one in shares)
        frequent = (n for n in counts if n is not None and counts[n] >= self.rare * len(photos))
        self.labels = tuple(sorted(frequent))
        main = [main_label(one, self.labels) for one in shares]
        kept = [(photo, label) for photo, label in zip(photos, main, strict=True)
                if label is not None]  # fmt: skip
        if len(kept) < numbers["batch"]:
            raise InputError(
                f"A batch of {numbers['batch']} cannot be drawn from the {len(kept)} photos whose "
                "label map has a main label; expected at least as many."
            )
        super().__init__([photo for photo, _ in kept], *arguments, **numbers)
        self.classes = torch.tensor([self.labels.index(label) for _, label in kept])

    def __getitem__(self, step: int) -> Labelled:  # type: ignore[override]
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen, texts = self._drawn(rng)
        return self._cropped(chosen, rng), texts, self.classes[chosen]


def _shares(photo: Photo) -> NDArray[np.float64]:
    return shares_of(photo.label_map())
