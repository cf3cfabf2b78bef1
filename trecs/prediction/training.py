"""Trains the trace predictor: where the regions lie that are hidden, given those that are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from files.errors import InputError
from segmentation.labels import COUNT
from trecs.learning.optimization import move_average, set_rate, warmup_cosine
from trecs.learning.run import Run
from trecs.prediction.examples import FINE, Example, TraceData, box, read
from trecs.prediction.made_up import made_up_example
from trecs.prediction.network import (
    CUE_INPUTS,
    TraceConfig,
    TraceNetwork,
    edge_positions,
    placement_positions,
)
from trecs.prediction.predictor import TracePredictor

COUNTED = 3  # narratives made up for each scene to count labels in
FAMILY_COUNT = 3.0  # mentions by which a label's map is drawn to its family's
ALL_COUNT = 3.0  # ... and a family's to that of all labels
LEAST_CHANCE = 0.002  # of a cell in these maps


@dataclass(frozen=True)
class TraceTraining:
    """The recipe; the defaults made the bundled checkpoint."""

    steps: int = 1000
    batch: int = 64  # narratives
    real: float = 0.25  # share of them that are real
    blind: float = 0.6  # share of them without any known box
    rate: float = 1e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 100
    decay: float = 0.05
    scene_frame: float = 0.6  # least side of the random frames on made-up narratives' scenes
    real_frame: float = 0.85  # and on real narratives, whose words stay as they are
    average: float = 0.998  # exponential moving average of the weights, which is what is kept
    seed: int = 0
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


def train(config: TraceTraining, data: Path, out: Path, *, minutes: float | None = None) -> Path:
    """Trains in the run folder `out`, going on where it stopped; returns the model's folder.

    One training photo in 12 is set aside and its loss logged; `minutes` ends the run early, to be
    continued by the same call. The same configuration gives the same weights, interrupted or not.
    Raises InputError where there are no photos.
    """
    training, aside = read(data)
    if not training.scenes:
        raise InputError(f"'{data}' has no training photos with label maps (PNG in labels/).")

    with Run(out, seed=config.seed, minutes=minutes) as run:
        # The model and its average
        model_config = TraceConfig.tiny() if config.small else TraceConfig()
        network = TraceNetwork(model_config)
        count_labels(network, training, np.random.default_rng(config.seed))
        average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=config.decay)
        model, optimizer = run.setup(network, optimizer)
        model.train()
        share = run.share(config.batch)

        # Where an earlier run stopped
        step = 0
        if state := run.resume():
            run.restore(state, network=network, optimizer=optimizer)
            average, step = state["average"], state["step"]
        run.announce(step, config.steps)
        average = {name: tensor.to(run.fabric.device) for name, tensor in average.items()}

        def averaged() -> TraceNetwork:
            kept = TraceNetwork(model_config)
            kept.load_state_dict(average)
            return kept.eval()

        def save() -> None:
            run.save(
                {
                    "step": step,
                    "network": network.state_dict(),
                    "average": average,
                    "optimizer": optimizer.state_dict(),
                }
            )
            if run.main:
                TracePredictor(averaged()).save(out / "model")

        losses: list[float] = []
        while step < config.steps and not run.over:
            # A step depends on its number alone, so that an interrupted run ends the same
            torch.manual_seed(config.seed * 1_000_003 + step)
            rng = np.random.default_rng([config.seed, step])
            batch = make_batch(training, config, model_config, rng)
            set_rate(optimizer, config.rate * warmup_cosine(step, config.steps, config.warmup))

            # The mean over all processes' hidden regions, of which each has its own number
            part = Batch(*(tensor[share] for tensor in batch))
            weight = run.world * part.hidden.sum().item() / batch.hidden.sum().item()
            loss = cell_loss(model, run.fabric.to_device(part))
            run.step(loss * weight, optimizer, clip=1.0)
            step += 1
            decay = min(config.average, step / (step + 10))
            move_average(average, network.state_dict(), decay)

            losses.append(loss.item())
            if step % 250 == 0 or step == config.steps:
                values = {"loss": float(np.mean(losses))}
                if aside.scenes:
                    rng = np.random.default_rng(config.seed)
                    unseen = [make_batch(aside, config, model_config, rng) for _ in range(8)]
                    kept = averaged()
                    with torch.inference_mode():
                        values["aside"] = float(np.mean([cell_loss(kept, b) for b in unseen]))
                run.log(step, **values)
                losses.clear()
            if run.due():
                save()
        save()
    return out / "model"


def cell_loss(model: torch.nn.Module, batch: Batch) -> Tensor:
    """The mean binary cross-entropy of the hidden regions' cells, in nats a cell."""
    logits = model(batch.labels, batch.cues, batch.known, batch.padding)  # (B, N, G, G)
    return F.binary_cross_entropy_with_logits(logits[batch.hidden], batch.target[batch.hidden])


def make_batch(
    data: TraceData, config: TraceTraining, model: TraceConfig, rng: np.random.Generator
) -> Batch:
    """Random narratives, real and made up, half of them mirrored, some boxes hidden in each."""
    weights = np.array([scene.weight for scene in data.scenes])
    examples: list[Example] = []
    while len(examples) < config.batch:
        if data.real and rng.random() < config.real:
            example = data.real[rng.integers(len(data.real))].cropped(rng, config.real_frame)
        else:
            scene = data.scenes[rng.choice(len(weights), p=weights / weights.sum())]
            seen = scene.cropped(rng, config.scene_frame)
            example = made_up_example(seen, data.order, rng)
        if example.located.any():
            examples.append(example.mirrored() if rng.random() < 0.5 else example)
    return _padded(examples, config, model, rng)


def _padded(
    examples: Sequence[Example],
    config: TraceTraining,
    model: TraceConfig,
    rng: np.random.Generator,
) -> Batch:
    size = (len(examples), max(len(example.labels) for example in examples))
    cells = model.cells
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
        batch.target[i, :count] = torch.from_numpy(shares(example, cells))
        shown = 0.0 if rng.random() < config.blind else rng.random()
        located = np.flatnonzero(example.located)
        show = rng.random(count) < shown
        show[rng.choice(located)] = False  # something is always hidden
        for j in located:
            if show[j]:
                edges = edge_positions(box(example.grids[j]), model.positions)
                batch.known[i, j] = torch.from_numpy(edges)
            else:
                batch.hidden[i, j] = True
    return batch


def shares(example: Example, cells: int) -> NDArray[np.float32]:
    """What each region covers of each cell of the network's grid, (N, cells, cells) in [0, 1]."""
    fine = FINE // cells
    parts = example.grids.reshape(-1, cells, fine, cells, fine)
    return parts.mean((2, 4), dtype=np.float32) / 255


def count_labels(network: TraceNetwork, data: TraceData, rng: np.random.Generator) -> None:
    """Counts where mentioned labels lie and which are mentioned together, in place.

    Over COUNTED made-up narratives of each scene, by the scene's weight, and all real ones.
    """
    cells, positions = network.config.cells, network.config.positions
    maps, seen = np.zeros((COUNT, cells, cells)), np.zeros(COUNT)
    counts, together = np.zeros((COUNT, 4, positions)), np.zeros((COUNT, COUNT))
    told = [
        (made_up_example(scene, data.order, rng), scene.weight / COUNTED)
        for scene in data.scenes
        for _ in range(COUNTED)
    ]
    for example, weight in [*told, *((example, 1.0) for example in data.real)]:
        located = np.flatnonzero(example.located)
        covered = shares(example, cells)
        for i in located:
            label = example.labels[i]
            maps[label] += weight * covered[i]
            seen[label] += weight
            places = placement_positions(box(example.grids[i]), positions)
            counts[label, np.arange(4), places] += weight
        labels = np.unique(example.labels)
        for label in labels.tolist():
            together[label, labels[labels != label]] += weight
    network.placement.copy_(torch.from_numpy(counts))
    network.together.copy_(torch.from_numpy(together))
    network.prior.copy_(prior_logits(maps, seen, network.family_of.numpy()))


def prior_logits(
    maps: NDArray[np.float64], seen: NDArray[np.float64], families: NDArray[np.int64]
) -> Tensor:
    """The logit of each cell's chance to belong to each label, (182, G, G) float32.

    `maps` (182, G, G): covered shares added up over `seen` (182,) mentions; seen in a mirror, too.
    Labels that are seldom mentioned are drawn to their family (182,), families to all.
    """
    maps = (maps + maps[:, :, ::-1]) / 2
    everywhere = maps.sum(0) / max(seen.sum(), 1e-6)
    chances = np.zeros_like(maps)
    for family in np.unique(families):
        mine = families == family
        usual = (maps[mine].sum(0) + ALL_COUNT * everywhere) / (seen[mine].sum() + ALL_COUNT)
        drawn = maps[mine] + FAMILY_COUNT * usual
        chances[mine] = drawn / (seen[mine] + FAMILY_COUNT)[:, None, None]
    chances = chances.clip(LEAST_CHANCE, 1 - LEAST_CHANCE)
    return torch.from_numpy(np.log(chances / (1 - chances))).float()
