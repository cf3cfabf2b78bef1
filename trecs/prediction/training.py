"""Trains the trace predictor: where the regions lie that are hidden, given those that are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from files.errors import InputError
from trecs.learning.optimization import move_average, set_rate, warmup_cosine
from trecs.learning.run import Run
from trecs.prediction.counting import count_labels
from trecs.prediction.examples import Example, TraceData, box, read
from trecs.prediction.made_up import made_up_example
from trecs.prediction.network import CUE_INPUTS, TraceConfig, TraceNetwork, edge_positions
from trecs.prediction.predictor import TracePredictor


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
        batch.target[i, :count] = torch.from_numpy(example.shares(cells))
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
