"""Trains the aligner: a network that knows where labels are seen, and the weights of the terms.

The network learns from the masks of photos, the weights from what simulated typists
(`trecs.alignment.typists`) meant by their strokes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.labels import COUNT
from segmentation.masks import box_of
from trecs.alignment.likelihood import Case, fitted
from trecs.alignment.model import INPUTS, AlignmentConfig, AlignmentModel, Where, inputs
from trecs.alignment.typists import SMALLEST, Habit, Typed, typed
from trecs.data.annotator import Masks
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.described import captions_of
from trecs.data.photo_masks import PhotoMasks
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.tagging.tagger import Tagger

MOST_PARTS = 6  # of a label in a photo
MIDDLE_JITTER, SIDE_JITTER = 0.02, 0.08  # of boxes: fractions, and logarithms
SEEN_BEFORE = 2.0  # times that every label counts as seen, so that none is impossible


@dataclass(frozen=True)
class AlignmentTraining:
    """The numbers of a training."""

    model: AlignmentConfig = field(default_factory=AlignmentConfig)
    steps: int = 2_500
    batch: int = 256  # boxes
    rate: float = 3e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 100
    decay: float = 0.01
    dropout: float = 0.1
    captions: int = 4_000  # that typists type, each by a habit

    @staticmethod
    def tiny() -> "AlignmentTraining":
        """The same path, small enough for tests."""
        return AlignmentTraining(AlignmentConfig(hidden=4), steps=4, batch=4, warmup=1, captions=8)


class Boxes(NamedTuple):
    """Boxes (N, 4) of photos' masks, left to bottom, fractions; labels (N,); weights (N,)."""

    boxes: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]


def train_alignment(
    training: AlignmentTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/ and model/
    *,
    seed: int = 0,
    minutes: float | None = None,
    tagger: Path = BUNDLED / "tagger",  # which reads the captions
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Without captions the weights stay as they are. Raises InputError where there are too few masks,
    or a folder is damaged.
    """
    reads = Tagger.load(tagger)
    boxes, cases = _looked_at(training, dataset, reads, seed)
    if len(boxes.labels) < training.batch:
        raise InputError(
            f"'{dataset.folder}' has {len(boxes.labels)} masks of photos to learn from; a step "
            f"takes {training.batch}."
        )
    with Run(folder, seed=seed, minutes=minutes) as run:
        train(AlignmentRecipe(training, boxes, cases, seed), run, seed=seed)


@dataclass(frozen=True, eq=False)
class BoxBatches:
    """Random boxes, moved a little, half of them mirrored; those of step n depend on n alone."""

    boxes: Boxes
    batch: int
    seed: int

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """What the network sees (B, INPUTS), labels (B,) and weights (B,)."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.boxes.labels), self.batch)
        left, top, right, bottom = self.boxes.boxes[chosen].T
        middle = np.stack([left + right, top + bottom], 1) / 2
        middle[:, 0] = np.where(rng.random(self.batch) < 0.5, middle[:, 0], 1 - middle[:, 0])
        middle += rng.normal(0, MIDDLE_JITTER, middle.shape)
        sides = np.stack([right - left, bottom - top], 1)
        sides = sides * np.exp(rng.normal(0, SIDE_JITTER, sides.shape))
        seen = inputs(np.concatenate([middle - sides / 2, middle + sides / 2], 1))
        labels = torch.from_numpy(self.boxes.labels[chosen])
        return torch.from_numpy(seen), labels, torch.from_numpy(self.boxes.weights[chosen])


class AlignmentRecipe(Recipe[tuple[Tensor, Tensor, Tensor]]):
    """A network of one hidden layer learns to name the label of a box."""

    kept: nn.Sequential

    def __init__(
        self, training: AlignmentTraining, boxes: Boxes, cases: list[tuple[Typed, list[int]]],
        seed: int,
    ) -> None:  # fmt: skip
        self.steps, self.batch = training.steps, training.batch
        self.source = BoxBatches(boxes, training.batch, seed)
        self._training, self._cases = training, cases
        counts = np.bincount(boxes.labels, minlength=COUNT) + SEEN_BEFORE
        self._prior = np.log(counts / counts.sum()).astype(np.float32)
        hidden = training.model.hidden
        network = nn.Sequential(
            nn.Linear(INPUTS, hidden), nn.ReLU(), nn.Dropout(training.dropout),
            nn.Linear(hidden, COUNT),
        )  # fmt: skip
        self._network = Player(
            network,
            torch.optim.AdamW(network.parameters(), training.rate, weight_decay=training.decay),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
        )
        self.players = {"network": self._network}

    def turns(self, batch: tuple[Tensor, Tensor, Tensor], step: int) -> Iterator[Turn]:
        """Its only turn."""
        part = self.part
        seen, labels, weights = self.run.fabric.to_device(tuple(t[part] for t in batch))
        losses = functional.cross_entropy(self._network(seen), labels, reduction="none")
        yield "network", {"loss": (losses * weights).mean()}

    def export(self, folder: Path, done: int) -> None:
        """Writes network and weights, which are fitted to what the network says."""
        state = {name: tensor.cpu().numpy() for name, tensor in self.kept.state_dict().items()}
        names = {"0.weight": "in.weight", "0.bias": "in.bias", "3.weight": "out.weight",
                 "3.bias": "out.bias"}  # fmt: skip
        tensors = {names[name]: tensor for name, tensor in state.items()} | {"prior": self._prior}
        config = self._training.model
        where = Where(tensors, config.astray)
        cases = [found for case in self._cases if (found := Case.of(*case, where))]
        if cases:
            weights, surprise = fitted(cases)
            self.run.log(done, nats_a_caption=surprise)
            config = AlignmentConfig(config.hidden, config.astray, weights)
        AlignmentModel(config, where).save(folder)


def _looked_at(
    training: AlignmentTraining, dataset: Dataset, tagger: Tagger, seed: int
) -> tuple[Boxes, list[tuple[Typed, list[int]]]]:
    """The masks of all photos, and captions of some, typed and drawn, with the words' labels."""
    rng = np.random.default_rng(seed)
    captions, masks = captions_of(dataset), PhotoMasks(dataset)
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    described = [photo for photo in photos if f"{photo.source}/{photo.name}" in captions]
    each = -(-training.captions // max(len(described), 1))
    habits = [habit for habit in Habit if habit is not Habit.SPOKEN]
    rows: list[tuple[int, float, tuple[float, float, float, float]]] = []
    cases: list[tuple[Typed, list[int]]] = []
    for photo in tqdm(photos, desc="photos", unit="photo", disable=None):
        found = masks.of(photo)
        rows += [(label, photo.accuracy, box) for label, box in _boxes(found)]
        texts = captions.get(f"{photo.source}/{photo.name}", ())
        for number in rng.permutation(len(texts))[:each]:
            words = texts[number].split()
            told = typed(words, found, habits[rng.integers(len(habits))], rng)
            if told is not None and len(cases) < training.captions:
                cases.append((told, tagger.tag(words).labels.tolist()))
    return Boxes(
        np.array([box for *_, box in rows]).reshape(-1, 4),
        np.array([label for label, *_ in rows], np.int64),
        np.array([accuracy for _, accuracy, _ in rows], np.float32),
    ), cases


def _boxes(masks: Masks) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    for label, parts in masks.items():
        for part in parts[:MOST_PARTS]:
            if part.mean() >= SMALLEST:
                yield label, box_of(part)
