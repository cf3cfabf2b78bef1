"""Trains the segmenter that measures pictures, on photos with label maps."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from segmentation.labels import COUNT
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import load_pictures
from trecs.evaluation.instruments.segmenter import LITE, SegmentationHead, SegmenterConfig
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.synthesis.condition import nearest
from trecs.synthesis.squares import Batch, Squares
from trecs.trunks.efficientnet import EfficientNetTrunk, read_trunk


@dataclass(frozen=True)
class SegmenterTraining:
    """The numbers of a training."""

    segmenter: SegmenterConfig = field(default_factory=SegmenterConfig)
    steps: int = 2_000
    batch: int = 8
    rate: float = 2e-3  # AdamW's, warmed up, then a cosine to 0
    decay: float = 0.02
    warmup: int = 30

    @staticmethod
    def tiny() -> "SegmenterTraining":
        """The same path, small enough for tests."""
        return SegmenterTraining(SegmenterConfig.tiny(), steps=4, batch=2, warmup=1)


def train_segmenter(
    training: SegmenterTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/ and model/
    *,
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
    trunk: Path | None = None,  # lite2's published weights; None takes those of a package
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos, the trunk's weights are missing or the state
    is damaged.
    """
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with label maps in '{dataset.folder}'; a step takes "
            f"{training.batch}."
        )
    side = training.segmenter.side
    squares = Squares(load_pictures(dataset, photos, side), side, side, training.batch, seed)
    eyes = read_trunk(LITE, trunk)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(SegmenterRecipe(training, squares, eyes), run, seed=seed)


class SegmenterRecipe(Recipe[Batch]):
    """The head learns to name the labels of what the frozen trunk sees."""

    log_every = 20

    def __init__(
        self, training: SegmenterTraining, squares: Squares, eyes: EfficientNetTrunk
    ) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, squares
        self._head, self._eyes = SegmentationHead(training.segmenter), eyes
        optimizer = torch.optim.AdamW(
            self._head.parameters(), training.rate, weight_decay=training.decay
        )
        self._player = Player(
            self._head,
            optimizer,
            lambda step: warmup_cosine(step, training.steps, training.warmup),
        )
        self.players = {"head": self._player}

    def begin(self) -> None:
        """Moves the trunk."""
        self._eyes.to(self.run.fabric.device)

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        photos, canvases, _, accuracies = self.run.fabric.to_device(batch.taken(self.part))
        with torch.no_grad(), self.run.fabric.autocast():
            local, last = self._eyes.maps(self._eyes.scaled(photos))
        scores = self._player(local, last)
        yield "head", {"loss": label_loss(scores, canvases.labels, accuracies)}

    def export(self, folder: Path, done: int) -> None:
        """Writes the head."""
        copy.deepcopy(self._head).save(folder)


def label_loss(scores: Tensor, labels: Tensor, accuracies: Tensor | None = None) -> Tensor:
    """Cross-entropy in nats of scores (B, 182, h, w), between whose cells labels stand.

    `labels` (B, H, W) int64, 182 = unlabeled, which do not count; they are thinned out to twice
    the cells a side. `accuracies` (B,): how much each picture's labels weigh, for the share of them
    that is expected to be right (reconstructed); left out, all weigh 1.
    """
    height, width = (2 * length for length in scores.shape[2:])
    finer = functional.interpolate(scores.float(), (height, width), mode="bilinear")
    wanted = nearest(labels, height, width)
    entropy = functional.cross_entropy(finer, wanted, ignore_index=COUNT, reduction="none")
    weights = (wanted != COUNT).float()
    if accuracies is not None:
        weights = weights * accuracies[:, None, None]
    return (entropy * weights).sum() / weights.sum().clamp(min=1e-6)
