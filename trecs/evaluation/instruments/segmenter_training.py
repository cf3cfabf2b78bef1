"""Trains the segmenter that measures pictures, on photos with label maps."""

import copy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from segmentation.labels import COUNT
from trecs.data.dataset import Dataset
from trecs.data.pictures import load_pictures
from trecs.evaluation.instruments.segmenter import LITE, SegmentationHead, SegmenterConfig
from trecs.learning.optimization import set_rate, warmup_cosine
from trecs.learning.run import Run
from trecs.synthesis.condition import nearest
from trecs.synthesis.squares import Squares
from trecs.trunks.efficientnet import read_trunk


@dataclass(frozen=True)
class SegmenterTraining:
    """The numbers of a training."""

    segmenter: SegmenterConfig = field(default_factory=SegmenterConfig)
    steps: int = 1_000
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
    photos = dataset.photos(held_back=False)
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with label maps in '{dataset.folder}'; a step takes "
            f"{training.batch}."
        )
    eyes = read_trunk(LITE, trunk)
    side = training.segmenter.side
    squares = Squares(load_pictures(dataset, photos, side), side, side, training.batch, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        head = SegmentationHead(training.segmenter)
        optimizer = torch.optim.AdamW(head.parameters(), training.rate, weight_decay=training.decay)
        done = 0
        if state := run.resume():
            run.restore(state, head=head, optimizer=optimizer)
            done = state["done"]
            run.announce(done, training.steps)
        network, steps = run.setup(head, optimizer)
        eyes.to(run.fabric.device)
        part = run.share(training.batch)
        batches = run.batches(squares, done, training.steps)
        while done < training.steps and not run.over:
            torch.manual_seed((seed << 32) + done)
            pixels, condition, _ = next(batches)
            pixels = run.fabric.to_device(pixels[part])
            with torch.no_grad(), run.fabric.autocast():
                local, last = eyes.maps(eyes.scaled(pixels))
            loss = label_loss(network(local, last), condition.labels[part].to(pixels.device))
            set_rate(steps, training.rate * warmup_cosine(done, training.steps, training.warmup))
            run.step(loss, steps)
            done += 1
            if done % 20 == 0:
                run.log(done, loss=loss.item())
            if run.due() or done == training.steps:
                run.save({"head": head.state_dict(), "optimizer": steps.state_dict(),
                          "done": done})  # fmt: skip
                if run.main:
                    copy.deepcopy(head).save(run.folder / "model")


def label_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy in nats of scores (B, 182, h, w), between whose cells labels stand.

    `labels` (B, H, W) int64, 182 = unlabeled, which do not count; they are thinned out to twice
    the cells a side.
    """
    height, width = (2 * length for length in scores.shape[2:])
    finer = functional.interpolate(scores.float(), (height, width), mode="bilinear")
    return functional.cross_entropy(finer, nearest(labels, height, width), ignore_index=COUNT)
