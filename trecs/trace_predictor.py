"""The trace predictor: draws the trace of regions that nobody drew, from the words (reconstructed).

The paper always has a trace. Here a description alone works, too: for each region without one a
box is predicted from its label, its words and the other regions (`trecs.trace_network`), in the
order of the words, each given the boxes before it; then a hand loops round that box while the
words are said.

Of CANDIDATES boxes drawn at random from the predicted distribution each edge's median is taken: a
likely place and a usual size, yet another seed gives another box. Where a run's own words name one
side ("left", "right"), candidates on the other side do not count, as long as there are others.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.weights import load_config, load_module, save_weights
from segmentation.labels import is_thing
from trecs.alignment import Region
from trecs.hand import loop, rounded_box
from trecs.narrative import SECONDS_PER_WORD, Narrative
from trecs.trace_network import (
    CUE_INPUTS,
    TraceConfig,
    TraceNetwork,
    cue_inputs,
    edge_positions,
    placement_positions,
)
from trecs.words import normalise

CANDIDATES = 31
TEMPERATURE = 0.85  # of their distribution; this and their number by IoU on photos set aside
PASSES = 8  # passes of the network at most; longer narratives get several boxes in each
CONTEXT_WEIGHT = 0.5  # of the other labels against place and size, in guessing a label
PRIOR_PAIRS = 20.0  # until so many pairs were counted, a label tells little of others
THING_SQUARENESS, STUFF_SQUARENESS = 2.5, 6.0


class TracePredictor:
    """A trained network with what it needs to draw."""

    def __init__(self, network: TraceNetwork) -> None:
        self.network = network.eval()

    @classmethod
    def load(cls, folder: Path) -> "TracePredictor":
        """Reads a model's folder; raises InputError where it is missing, foreign or damaged."""
        config = load_config(folder, "trace", TraceConfig)
        return cls(load_module(folder, lambda: TraceNetwork(config)))

    def save(self, folder: Path) -> None:
        """Writes the model's folder."""
        save_weights(folder, "trace", self.network.config, self.network.state_dict())

    def complete(
        self, narrative: Narrative, regions: tuple[Region, ...], seed: int
    ) -> tuple[Region, ...]:
        """Gives every region without strokes a predicted one, drawn in the time of its words.

        Regions that have a trace stay as they are and guide the others. The same seed gives the
        same trace.
        """
        boxes = self.predict(narrative, regions, seed)
        rng = np.random.default_rng([seed, 1])
        completed = []
        for region, box in zip(regions, boxes, strict=True):
            if not region.strokes:
                words = narrative.words[region.start : region.stop]
                begin = words[0].start
                seconds = words[-1].end - begin or SECONDS_PER_WORD * len(words)
                squareness = THING_SQUARENESS if is_thing(region.label) else STUFF_SQUARENESS
                stroke = loop(rounded_box(box, squareness=squareness), begin, seconds, rng)
                region = replace(region, strokes=(stroke,), predicted=True)
            completed.append(region)
        return tuple(completed)

    @torch.inference_mode()
    def predict(
        self, narrative: Narrative, regions: Sequence[Region], seed: int
    ) -> list[tuple[float, float, float, float]]:
        """The box (left, top, right, bottom) of every region: of its hull, or predicted."""
        boxes = [_box(region.hull) if region.strokes else None for region in regions]
        missing = [i for i, box in enumerate(boxes) if box is None]
        if missing:
            positions = self.network.config.positions
            words = [word.text for word in narrative.words]
            labels = torch.tensor([[region.label for region in regions]])
            cues = np.zeros((1, len(regions), CUE_INPUTS), np.float32)
            edges = torch.full((1, len(regions), 4), -1)
            for i, region in enumerate(regions):
                cues[0, i] = cue_inputs(words, region.start, region.stop)
                if (box := boxes[i]) is not None:
                    edges[0, i] = torch.from_numpy(edge_positions(box, positions))
            padding = torch.zeros_like(labels, dtype=torch.bool)
            generator = torch.Generator().manual_seed(seed % 2**63)
            for some in np.array_split(missing, min(len(missing), PASSES)):
                features = self.network(labels, torch.from_numpy(cues), edges, padding)[0]
                for i in some.tolist():
                    region = regions[i]
                    side = _side(words[region.start : region.stop])
                    edges[0, i] = self._typical(features[i], side, generator)
                    left, right, top, bottom = (edges[0, i] / (positions - 1)).tolist()
                    boxes[i] = (left, top, right, bottom)
        return [box for box in boxes if box is not None]

    def guess_label(self, hull: NDArray[np.float64], context_labels: Sequence[int]) -> int:
        """The likeliest label of a stroke without words, from its place, its size and the others.

        Naive Bayes: how often each label occurs, where its centre lies and how large it is, times,
        with less weight, how often it occurs with each of `context_labels`.
        """
        positions = self.network.config.positions
        counts = self.network.placement  # (182, 4, positions)
        frequency = counts[:, 0].sum(1)
        score = torch.log(frequency + 1e-9)
        for axis, position in enumerate(placement_positions(_box(hull), positions)):
            near = _smoothed(counts[:, axis])[:, int(position)]
            score += torch.log((near + 0.5 / positions) / (frequency + 0.5))
        chance = (frequency + 1e-3) / (frequency + 1e-3).sum()
        for label in context_labels:
            pairs = self.network.together[label]
            lift = (pairs / chance + PRIOR_PAIRS) / (pairs.sum() + PRIOR_PAIRS)
            score += CONTEXT_WEIGHT * torch.log(lift) / len(context_labels)
        return int(score.argmax())

    def _typical(self, features: Tensor, side: int, generator: torch.Generator) -> Tensor:
        """The median edges (4,) of CANDIDATES boxes drawn at random, on the side told if any."""
        x = features.expand(CANDIDATES, -1)
        edges = torch.zeros(CANDIDATES, 4, dtype=torch.int64)
        for which in range(4):
            logits = self.network.edge_logits(x, edges, which) / TEMPERATURE
            chances = logits.softmax(-1).cumsum(-1)
            luck = torch.rand(CANDIDATES, 1, generator=generator) * chances[:, -1:]
            edges[:, which] = (chances > luck).byte().argmax(-1)
        middle = self.network.config.positions - 1
        fitting = edges[(edges[:, :2].sum(1) - middle) * side > 0]
        return (fitting if side and len(fitting) else edges).median(0).values


def _side(words: Sequence[str]) -> int:
    """-1 where the words name the left side only, 1 the right one only, else 0."""
    plain = {normalise(word) for word in words}
    return ("right" in plain) - ("left" in plain)


def _box(hull: NDArray[np.float64]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = hull.min(0).tolist(), hull.max(0).tolist()
    return left, top, right, bottom


def _smoothed(counts: Tensor) -> Tensor:
    """Counts (..., positions) spread over their neighbours: a quarter to each side."""
    padded = torch.nn.functional.pad(counts[:, None], (1, 1), "replicate")[:, 0]
    return 0.25 * padded[:, :-2] + 0.5 * counts + 0.25 * padded[:, 2:]
