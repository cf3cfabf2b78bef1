"""Trains the trace predictor: where the regions lie that are hidden, given those that are not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.prediction.counting import count_labels
from trecs.prediction.examples import Example, TraceData, box, read
from trecs.prediction.made_up import made_up_example
from trecs.prediction.network import CUE_INPUTS, TraceConfig, TraceNetwork, edge_positions
from trecs.prediction.predictor import TracePredictor

ASIDE_BATCHES = 8  # of narratives set aside, whose loss is logged


@dataclass(frozen=True)
class TraceTraining:
    """The recipe; the defaults made the bundled checkpoint."""

    steps: int = 1000
    batch: int = 64  # narratives
    real: float = 0.6  # share of them that are real
    blind: float = 0.6  # share of them without any known box
    rate: float = 1e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 100
    decay: float = 0.05
    scene_frame: float = 0.6  # least side of the random frames on made-up narratives' scenes
    real_frame: float = 0.85  # and on real narratives, whose words stay as they are
    least_accuracy: float = 0.5  # expected of the label maps that are learned from
    average: float = 0.998  # exponential moving average of the weights, which is what is kept
    small: bool = False  # TraceConfig.tiny, for tests

    @classmethod
    def tiny(cls) -> "TraceTraining":
        """The same path in a test's time."""
        return cls(steps=12, batch=4, warmup=2, small=True)


class Batch(NamedTuple):
    """Narratives padded to one length; see `TraceNetwork.forward` for shapes."""

    labels: Tensor
    cues: Tensor
    known: Tensor  # edges, -1 where hidden
    padding: Tensor
    target: Tensor  # (B, N, cells, cells), the share of each cell that the region covers
    hidden: Tensor  # (B, N) bool, where `target` is to be learned


def train_trace(
    training: TraceTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/ and model/, the averaged weights
    *,
    seed: int = 0,
    minutes: float | None = None,
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    The loss of what `examples.read` sets aside is logged. Raises InputError where there are no
    photos.
    """
    data, aside = read(dataset, training.least_accuracy)
    if not data.scenes:
        raise InputError(
            f"'{dataset.folder}' has no training photos with label maps (PNG in labels/)."
        )
    with Run(folder, seed=seed, minutes=minutes) as run:
        train(TraceRecipe(training, data, aside, seed), run, seed=seed)


@dataclass(frozen=True, eq=False)
class Batches:
    """Random batches: those of step n depend on the seed and n alone."""

    training: TraceTraining
    data: TraceData
    network: TraceConfig
    seed: int

    def __getitem__(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        return make_batch(self.data, self.training, self.network, rng)


class TraceRecipe(Recipe[Batch]):
    """The network learns what the hidden regions cover, given those that are shown."""

    averaged = "network"
    kept: TraceNetwork

    def __init__(
        self, training: TraceTraining, data: TraceData, aside: TraceData, seed: int
    ) -> None:
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        config = TraceConfig.tiny() if training.small else TraceConfig()
        self.source = Batches(training, data, config, seed)
        network = TraceNetwork(config)
        count_labels(network, data, np.random.default_rng(seed))
        self._network = Player(
            network,
            torch.optim.AdamW(network.parameters(), training.rate, weight_decay=training.decay),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            clip=1.0,
        )
        self.players = {"network": self._network}
        rng = np.random.default_rng(seed)
        self._aside = [
            make_batch(aside, training, config, rng) for _ in range(ASIDE_BATCHES) if aside.scenes
        ]

    def decay(self, step: int) -> float:
        """Of the first steps the average reaches back a tenth."""
        return min(self.average, (step + 1) / (step + 11))

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        # The mean over all processes' hidden regions, of which each has its own number
        part = Batch(*(tensor[self.part] for tensor in batch))
        weight = self.run.world * part.hidden.sum().item() / batch.hidden.sum().item()
        loss = cell_loss(self._network, self.run.fabric.to_device(part))
        yield "network", {"loss": weight * loss}

    @torch.inference_mode()
    def measure(self, done: int) -> dict[str, float]:
        """The loss on what is set aside."""
        batches = self.run.fabric.to_device(self._aside)
        losses = [cell_loss(self.kept, batch).item() for batch in batches]
        return {"aside": float(np.mean(losses))} if losses else {}

    def export(self, folder: Path, done: int) -> None:
        """Writes the predictor."""
        TracePredictor(self.kept).save(folder)


def make_batch(
    data: TraceData, training: TraceTraining, network: TraceConfig, rng: np.random.Generator
) -> Batch:
    """Random narratives, real and made up, half of them mirrored, some boxes hidden in each."""
    weights = np.array([scene.weight for scene in data.scenes])
    examples: list[Example] = []
    while len(examples) < training.batch:
        if data.real and rng.random() < training.real:
            example = data.real[rng.integers(len(data.real))].cropped(rng, training.real_frame)
        else:
            scene = data.scenes[rng.choice(len(weights), p=weights / weights.sum())]
            seen = scene.cropped(rng, training.scene_frame)
            example = made_up_example(seen, data.order, rng)
        if example.located.any():
            examples.append(example.mirrored() if rng.random() < 0.5 else example)
    return _padded(examples, training, network, rng)


def _padded(
    examples: Sequence[Example],
    training: TraceTraining,
    network: TraceConfig,
    rng: np.random.Generator,
) -> Batch:
    size = (len(examples), max(len(example.labels) for example in examples))
    cells = network.cells
    batch = Batch(
        labels=torch.zeros(size, dtype=torch.int64),
        cues=torch.zeros(*size, CUE_INPUTS),
        known=torch.full((*size, 4), -1),
        padding=torch.ones(size, dtype=torch.bool),
        target=torch.zeros(*size, cells, cells),
        hidden=torch.zeros(size, dtype=torch.bool),
    )
    for i, example in enumerate(examples):
        count = len(example.labels)
        batch.labels[i, :count] = torch.from_numpy(example.labels)
        batch.cues[i, :count] = torch.from_numpy(example.cues)
        batch.padding[i, :count] = False
        batch.target[i, :count] = torch.from_numpy(example.shares(cells))
        shown = 0.0 if rng.random() < training.blind else rng.random()
        located = np.flatnonzero(example.located)
        show = rng.random(count) < shown
        show[rng.choice(located)] = False  # something is always hidden
        for j in located:
            if show[j]:
                edges = edge_positions(box(example.grids[j]), network.positions)
                batch.known[i, j] = torch.from_numpy(edges)
            else:
                batch.hidden[i, j] = True
    return batch


def cell_loss(model: Callable[..., Tensor], batch: Batch) -> Tensor:
    """The mean binary cross-entropy of the hidden regions' cells, in nats a cell."""
    logits = model(batch.labels, batch.cues, batch.known, batch.padding)  # (B, N, G, G)
    return F.binary_cross_entropy_with_logits(logits[batch.hidden], batch.target[batch.hidden])
