"""The trace predictor: draws the trace of regions that nobody drew, from the words (reconstructed).

The paper always has a trace. Here a description alone works, too: the chance of every cell of the
picture to belong to each region is predicted from its label, its words and the other regions
(`trecs.prediction.network`); from these the boxes of the greatest expected overlap with the truth
are chosen together (`trecs.prediction.expected_boxes`); then a hand loops round each while its
words are said.

Where a run's own words name one side ("left", "right"), the other side's chances shrink. What the
grammar read (`trecs.text.said`) is demanded of the boxes (`trecs.prediction.demands`).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.weights import load_config, load_module, save_weights
from retrieval.words import normalise
from segmentation.labels import is_thing
from segmentation.masks import Box
from trecs.alignment.regions import Region
from trecs.data.hand import loop, rounded_box
from trecs.narrative import SECONDS_PER_WORD, Narrative
from trecs.prediction.demands import Demands
from trecs.prediction.expected_boxes import FILLED, best_boxes
from trecs.prediction.groups import side_by_side
from trecs.prediction.network import (
    TraceConfig,
    TraceNetwork,
    cue_inputs,
    edge_positions,
    placement_positions,
)
from trecs.text.said import Said

CONFIDENCE = 0.6  # in the network's corrections: best on narratives set aside from training
VARIED, VARIED_WAVES = 0.5, 2  # spread of the seed's noise in logits, and its waves
OTHER_SIDE = 0.2  # of a cell's chance remains on the side that the words do not name
CONTEXT_WEIGHT = 0.5  # of the other labels against place and size, in guessing a label
PRIOR_PAIRS = 20.0  # until so many pairs were counted, a label tells little of others
NOTHING = Said()
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
        self, narrative: Narrative, regions: tuple[Region, ...], seed: int, said: Said = NOTHING
    ) -> tuple[Region, ...]:
        """Gives every region without strokes a predicted one, drawn in the time of its words.

        Regions that have a trace stay as they are and guide the others. The same seed gives the
        same trace. With what was `said`, places and sizes that the words name are kept to, other
        seeds give other layouts, and a region whose words name several things becomes as many.
        """
        boxes = self.predict(narrative, regions, said, seed)
        regions, boxes = self._apart(regions, boxes, said, seed)
        return draw(narrative, regions, boxes, seed)

    def predict(
        self, narrative: Narrative, regions: Sequence[Region], said: Said = NOTHING, seed: int = 0
    ) -> list[Box]:
        """The box (left, top, right, bottom) of every region: of its hull, or predicted."""
        boxes = [_box(region.hull) if region.strokes else None for region in regions]
        if None in boxes:
            config = self.network.config
            known = [
                None if box is None else edge_positions(box, config.positions) for box in boxes
            ]
            chances = self.chances(narrative, regions, known)
            demands = None
            if said.mentions:
                chances = _varied(chances, np.random.default_rng([seed, 2]))
                usual = chances.mean((1, 2)) / FILLED
                aspects = [self._usual_aspect(region.label) for region in regions]
                demands = Demands(regions, said, usual.tolist(), aspects)
            in_front = [is_thing(region.label) for region in regions]
            chosen = best_boxes(chances, in_front, known, demands) / config.cells
            for i, (left, right, top, bottom) in enumerate(chosen.tolist()):
                boxes[i] = boxes[i] or (left, top, right, bottom)
        return [box for box in boxes if box is not None]

    def _apart(
        self, regions: Sequence[Region], boxes: Sequence[Box], said: Said, seed: int
    ) -> tuple[tuple[Region, ...], list[Box]]:
        """Regions and boxes, those that nobody drew and that name several things as many."""
        rng = np.random.default_rng([seed, 3])
        apart: list[tuple[Region, Box]] = []
        for region, box in zip(regions, boxes, strict=True):
            count = 1 if region.strokes else said.count(region.label, region.start, region.stop)
            if count > 1 and (
                is_thing(region.label) or not said.guessed(region.label, region.start, region.stop)
            ):
                parts = side_by_side(box, count, self._usual_aspect(region.label), rng)
                apart += [(region, part) for part in parts]
            else:
                apart.append((region, box))
        return tuple(region for region, _ in apart), [box for _, box in apart]

    def _usual_aspect(self, label: int) -> float:
        """Width by height of a label's boxes as counted, 1 where none was."""
        counts = self.network.placement[label, 2:]  # (2, positions)
        sizes = torch.linspace(0, 1, counts.shape[1])
        width, height = (counts @ sizes + 1e-3).tolist()
        return min(max(width / height, 0.3), 3.0)

    @torch.inference_mode()
    def chances(
        self,
        narrative: Narrative,
        regions: Sequence[Region],
        known: Sequence[NDArray[np.int64] | None],
    ) -> NDArray[np.float32]:
        """Each cell's chance to belong to each region, (N, cells, cells) in [0, 1], row by row.

        `known` (N): the regions' boxes as `edge_positions`, None where nobody drew them.
        """
        words = [word.text for word in narrative.words]
        labels = torch.tensor([[region.label for region in regions]])
        cues = np.array([[cue_inputs(words, r.start, r.stop) for r in regions]], np.float32)
        edges = np.array([[np.full(4, -1) if box is None else box for box in known]])
        logits = self.network(
            labels, torch.from_numpy(cues), torch.from_numpy(edges), torch.zeros_like(labels) > 0
        )
        usual = self.network.prior[labels]
        trusted = usual + CONFIDENCE * (logits - usual)
        chances: NDArray[np.float32] = trusted[0].sigmoid().numpy()
        middle = self.network.config.cells // 2
        for chance, region in zip(chances, regions, strict=True):
            side = _side(words[region.start : region.stop])
            if side < 0:
                chance[:, middle:] *= OTHER_SIDE
            elif side > 0:
                chance[:, :middle] *= OTHER_SIDE
        return chances

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


def draw(
    narrative: Narrative, regions: Sequence[Region], boxes: Sequence[Box], seed: int
) -> tuple[Region, ...]:
    """The regions, those without strokes with a loop round their box in the time of their words."""
    rng = np.random.default_rng([seed, 1])
    drawn = []
    for region, box in zip(regions, boxes, strict=True):
        if not region.strokes:
            words = narrative.words[region.start : region.stop]
            begin = words[0].start
            seconds = words[-1].end - begin or SECONDS_PER_WORD * len(words)
            squareness = THING_SQUARENESS if is_thing(region.label) else STUFF_SQUARENESS
            stroke = loop(rounded_box(box, squareness=squareness), begin, seconds, rng)
            region = replace(region, strokes=(stroke,), predicted=True)
        drawn.append(region)
    return tuple(drawn)


def _varied(chances: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Chances (N, G, G) with smooth noise in their logits, so that other seeds lay out anew."""
    count, cells, _ = chances.shape
    middles = (np.arange(cells) + 0.5) / cells
    waves = np.cos(np.pi * np.arange(1, VARIED_WAVES + 1)[:, None] * middles)  # (W, G)
    across, down = rng.normal(0, VARIED, (2, count, VARIED_WAVES))
    noise = (across @ waves)[:, None, :] + 0.5 * (down @ waves)[:, :, None]
    safe = chances.clip(1e-4, 1 - 1e-4)
    return (1 / (1 + np.exp(-(np.log(safe / (1 - safe)) + noise)))).astype(np.float32)


def _side(words: Sequence[str]) -> int:
    """-1 where the words name the left side only, 1 the right one only, else 0."""
    plain = {normalise(word) for word in words}
    return ("right" in plain) - ("left" in plain)


def _box(hull: NDArray[np.float64]) -> Box:
    (left, top), (right, bottom) = hull.min(0).tolist(), hull.max(0).tolist()
    return left, top, right, bottom


def _smoothed(counts: Tensor) -> Tensor:
    """Counts (..., positions) spread over their neighbours: a quarter to each side."""
    padded = torch.nn.functional.pad(counts[:, None], (1, 1), "replicate")[:, 0]
    return 0.25 * padded[:, :-2] + 0.5 * counts + 0.25 * padded[:, 2:]
