"""Where mentioned labels lie and which are mentioned together: what the network starts from."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmentation.labels import COUNT
from trecs.prediction.examples import TraceData, box
from trecs.prediction.made_up import made_up_example
from trecs.prediction.network import TraceNetwork, placement_positions

COUNTED = 3  # narratives made up for each scene to count labels in
FAMILY_COUNT = 3.0  # mentions by which a label's map is drawn to its family's
ALL_COUNT = 3.0  # ... and a family's to that of all labels
LEAST_CHANCE = 0.002  # of a cell in these maps


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
        covered = example.shares(cells)
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
