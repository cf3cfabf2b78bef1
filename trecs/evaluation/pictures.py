"""How good pictures of scenes are: beside the real photos as a set, and each beside its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from files.progress import progress_bar
from trecs.data.scenes import Scene
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.frechet import frechet_distance, kernel_distance
from trecs.trunks.efficientnet import EfficientNetLite

BATCH = 8
Painter = Callable[[int, int], NDArray[np.uint8]]
"""Draws the picture (S, S, 3) uint8 RGB of a scene, given the scene's number and a seed."""


@dataclass
class Measured:
    """What was seen in one picture of each of N scenes.

    `features`: N of (1280,). `distances`: N, to the scene's photo; `between_seeds`: for some
    scenes, the mean over pairs of seeds.
    """

    features: list[NDArray[np.float32]] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    between_seeds: list[float] = field(default_factory=list)


def measure(
    scenes: Sequence[Scene],
    painters: Mapping[str, Painter],
    eyes: EfficientNetLite,
    likeness: ShiftTolerantLpips,
) -> tuple[Measured, dict[str, Measured]]:
    """Looks at the real photos, and at every painter's pictures with seed 0 beside them."""
    real, drawn = Measured(), {name: Measured() for name in painters}
    for start in progress_bar(range(0, len(scenes), BATCH), "measuring", leave=False):
        numbers = range(start, min(start + BATCH, len(scenes)))
        photos = np.stack([scenes[i].photo for i in numbers])
        seen = likeness.seen(photos)
        real.features.extend(eyes.features(photos))
        for name, paint in painters.items():
            pictures = np.stack([paint(i, 0) for i in numbers])
            drawn[name].features.extend(eyes.features(pictures))
            drawn[name].distances.extend(likeness.between(likeness.seen(pictures), seen).tolist())
    return real, drawn


def between_seeds(
    paint: Painter, numbers: Sequence[int], seeds: int, likeness: ShiftTolerantLpips
) -> list[float]:
    """The mean ST-LPIPS between pictures of a scene with seeds 0, 1, ..., for each scene."""
    means = []
    for number in numbers:
        seen = [likeness.seen(paint(number, seed)[None]) for seed in range(seeds)]
        pairs = [float(likeness.between(*pair)) for pair in combinations(seen, 2)]
        means.append(sum(pairs) / len(pairs))
    return means


def table(
    real: Measured, drawn: Mapping[str, Measured], sources: Sequence[str], prefix: str
) -> str:
    """The measures as a Markdown table.

    `sources` (N,) says which set each scene is of; `prefix` names what the measures look through.
    """
    groups = [np.arange(len(sources))]
    titles = [f"{prefix}FID"]
    for source in dict.fromkeys(sources):
        groups.append(np.flatnonzero(np.array(sources) == source))
        titles.append(f"{source} ({len(groups[-1])})")
    photos = np.stack(real.features)
    heads = ["pictures", *titles, f"{prefix}KID x 1000", "ST-LPIPS", "seeds"]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for name, row in drawn.items():
        features = np.stack(row.features)
        low, high = bootstrap_interval(row.distances)
        cells = [f"{frechet_distance(features[g], photos[g]):.1f}" for g in groups]
        cells.append(f"{1000 * kernel_distance(features, photos):.1f}")
        cells.append(f"{np.mean(row.distances):.3f} ({low:.3f}-{high:.3f})")
        cells.append(f"{np.mean(row.between_seeds):.3f}" if row.between_seeds else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
