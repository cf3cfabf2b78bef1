"""Trains the trace predictor: to place the regions that are hidden, given those that are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from segmentation.errors import InputError
from trecs.trace_network import (
    CUE_INPUTS,
    TraceConfig,
    TraceNetwork,
    edge_positions,
    placement_positions,
)
from trecs.trace_predictor import TracePredictor
from trecs.training.optimization import move_average, warmup_cosine
from trecs.training.run import Run
from trecs.training.trace_examples import Example, TraceData, made_up_example, read

COUNTED = 10  # narratives made up for each scene to count labels in


@dataclass(frozen=True)
class TraceTraining:
    """The recipe; the defaults made the bundled checkpoint."""

    steps: int = 800
    batch: int = 64  # narratives
    real: float = 0.15  # share of them that are real
    blind: float = 0.4  # share of them without any known box
    rate: float = 2e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 100
    decay: float = 0.05
    scene_frame: float = 0.6  # least side of the random frames on made-up narratives' scenes
    real_frame: float = 0.85  # and on real narratives, whose words stay as they are
    softness: float = 0.7  # standard deviation, in positions, of the target of an edge
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
    target: Tensor  # edges, -1 where there is nothing to learn


def train(config: TraceTraining, data: Path, out: Path, *, minutes: float | None = None) -> Path:
    """Trains in the run folder `out`, going on where it stopped; returns the model's folder.

    One training photo in 12 is set aside and its loss logged; `minutes` ends the run early, to be
    continued by the same call. The same configuration gives the same weights, interrupted or not.
    Raises InputError where there are no photos.
    """
    training, aside = read(data)
    if not training.scenes:
        raise InputError(f"'{data}' has no training photos with label maps (PNG in labels/).")

    # The model and its average
    run = Run(out, seed=config.seed, minutes=minutes)
    model_config = TraceConfig.tiny() if config.small else TraceConfig()
    network = TraceNetwork(model_config)
    count_labels(network, training, np.random.default_rng(config.seed))
    average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=config.decay)
    model, optimizer = run.fabric.setup(network, optimizer)
    model.mark_forward_method("edge_logits")
    model.train()

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
        TracePredictor(averaged()).save(out / "model")

    losses: list[float] = []
    while step < config.steps and not run.over:
        # A step depends on its number alone, so that an interrupted run ends the same
        torch.manual_seed(config.seed * 1_000_003 + step)
        batch = make_batch(
            training, config, model_config, np.random.default_rng([config.seed, step])
        )
        for group in optimizer.param_groups:
            group["lr"] = config.rate * warmup_cosine(step, config.steps, config.warmup)

        loss = edge_loss(model, run.fabric.to_device(batch), config.softness)
        optimizer.zero_grad()
        run.fabric.backward(loss)
        run.fabric.clip_gradients(model, optimizer, max_norm=1.0)
        optimizer.step()
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
                    values["aside"] = float(
                        np.mean([edge_loss(kept, b, config.softness).item() for b in unseen])
                    )
            run.log(step, **values)
            losses.clear()
        if run.due():
            save()
    save()
    return out / "model"


def edge_loss(model: torch.nn.Module, batch: Batch, softness: float) -> Tensor:
    """The mean cross-entropy of the hidden boxes' four edges, in nats an edge.

    Each edge's target is spread over its neighbours as a Gaussian of standard deviation
    `softness` positions, as far as the edges before it allow.
    """
    features = model(batch.labels, batch.cues, batch.known, batch.padding)
    hidden = batch.target[..., 0] >= 0
    x, target = features[hidden], batch.target[hidden]  # (R, width), (R, 4)
    losses = []
    for which in range(4):
        logits = model.edge_logits(x, target, which)  # type: ignore[operator]
        apart = torch.arange(logits.shape[-1], device=x.device) - target[:, which, None]
        spread = torch.exp(-0.5 * (apart / softness) ** 2) * logits.isfinite()
        spread = spread / spread.sum(-1, keepdim=True)
        finite = logits.masked_fill(~logits.isfinite(), -1e4)
        losses.append(F.cross_entropy(finite, spread))
    return torch.stack(losses).mean()


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
        if np.isfinite(example.boxes).any():
            examples.append(example.mirrored() if rng.random() < 0.5 else example)
    return _padded(examples, config, model, rng)


def _padded(
    examples: Sequence[Example],
    config: TraceTraining,
    model: TraceConfig,
    rng: np.random.Generator,
) -> Batch:
    size = (len(examples), max(len(example.labels) for example in examples))
    batch = Batch(
        labels=torch.zeros(size, dtype=torch.int64),
        cues=torch.zeros(*size, CUE_INPUTS),
        known=torch.full((*size, 4), -1),
        padding=torch.ones(size, dtype=torch.bool),
        target=torch.full((*size, 4), -1),
    )
    for i, example in enumerate(examples):
        count = len(example.labels)
        batch.labels[i, :count] = torch.from_numpy(example.labels)
        batch.cues[i, :count] = torch.from_numpy(example.cues)
        batch.padding[i, :count] = False
        shown = 0.0 if rng.random() < config.blind else rng.random()
        located = np.flatnonzero(np.isfinite(example.boxes[:, 0]))
        show = rng.random(count) < shown
        show[rng.choice(located)] = False  # something is always hidden
        for j in located:
            edges = torch.from_numpy(edge_positions(example.boxes[j].tolist(), model.positions))
            (batch.known if show[j] else batch.target)[i, j] = edges
    return batch


def count_labels(network: TraceNetwork, data: TraceData, rng: np.random.Generator) -> None:
    """Counts where mentioned labels lie and which are mentioned together, in place.

    Over COUNTED made-up narratives of each scene, by the scene's weight, and all real ones.
    """
    told = [
        (made_up_example(scene, data.order, rng), scene.weight / COUNTED)
        for scene in data.scenes
        for _ in range(COUNTED)
    ]
    for example, weight in [*told, *((example, 1.0) for example in data.real)]:
        for label, box in zip(example.labels.tolist(), example.boxes.tolist(), strict=True):
            if np.isfinite(box[0]):
                places = placement_positions(box, network.config.positions)
                network.placement[label, torch.arange(4), torch.from_numpy(places)] += weight
        labels = np.unique(example.labels)
        for label in labels.tolist():
            network.together[label, labels[labels != label]] += weight
