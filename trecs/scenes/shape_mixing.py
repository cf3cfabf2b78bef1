"""Synthetic silhouettes for the shape model's bank: means of real ones that resemble none of them.

Reconstructed. A real silhouette and a similar one of another photo, either way round, are met
half-way along the optical flow between their distance fields; the outcome is deformed, more
strongly at each try, until its overlap with every real silhouette is within the limit.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.shapes import SIDE, deformed, distance_field
from trecs.scenes.shape_data import ShapeSet

NEIGHBOURS = 4  # the second parent is one of so many nearest silhouettes
ALIKE = 0.78  # IoU under which two silhouettes have no meaningful mean; one is deformed alone
LIMIT = 0.86  # IoU with a real silhouette, unless real ones commonly come nearer to each other
TRIES = 5
MOST_OF_ONE = 0.2  # of the silhouettes of a label have the same first parent, more or less
SPARE = 1.4  # candidates for each place in the bank; those nearest to real ones are dropped
STRENGTHS = (0.4, 1.2)  # of the deformation, at the first and at the last try
Points = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Fast IoU with a set of real silhouettes, (N, S*S) float32 rows of zeros and ones."""

    rows: Points
    areas: Points  # (N,)

    @staticmethod
    def of(bitmaps: NDArray[np.bool_]) -> "Overlaps":
        """Of bitmaps (N, S, S)."""
        rows = bitmaps.reshape(len(bitmaps), -1).astype(np.float32)
        return Overlaps(rows, rows.sum(1))

    def with_(self, bitmaps: NDArray[np.bool_]) -> Points:
        """The IoU (M, N) of bitmaps (M, S, S), as they are or mirrored, with those of the set."""
        best = np.zeros((len(bitmaps), len(self.rows)), np.float32)
        for turned in (bitmaps, bitmaps[:, :, ::-1]):
            rows = turned.reshape(len(turned), -1).astype(np.float32)
            common = rows @ self.rows.T
            union = rows.sum(1)[:, None] + self.areas - common
            best = np.maximum(best, common / np.maximum(union, 1))
        return best


def mix(
    known: ShapeSet,
    worth: NDArray[np.floating],
    count: int,
    label: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """`count` synthetic silhouettes (count, S, S) and their aspects (count,).

    `known`: the real silhouettes of `label` or its kin; `worth` (N,): how good a parent each one
    is, 0: none.
    """
    overlaps = Overlaps.of(known.bitmaps)
    alike = overlaps.with_(known.bitmaps)
    related = known.photos[:, None] == known.photos
    alike[related] = 0
    limit = max(LIMIT, float(np.median(alike.max(1))))
    parents = np.flatnonzero(worth > 0)
    chances = worth[parents] / worth[parents].sum()
    chances = np.minimum(chances, max(MOST_OF_ONE, 1 / len(parents)))
    chances /= chances.sum()
    logs = np.log(known.aspects)
    bitmaps, aspects, beyond = [], [], []
    for first in _spread(parents, chances, round(SPARE * count), rng):
        closeness = alike[first, parents] - 0.2 * np.abs(logs[parents] - logs[first])
        others = parents[np.argsort(-closeness)[:NEIGHBOURS]]
        second = int(rng.choice(others))
        joined = alike[first, second] >= ALIKE
        field = _met(known.bitmaps[first], known.bitmaps[second], rng) if joined else None
        if field is None:
            field = distance_field(known.bitmaps[first])
        bitmap, nearest = _apart(field, label, overlaps, limit, rng)
        bitmaps.append(bitmap)
        beyond.append(max(nearest - limit, 0.0))
        part = rng.uniform(0.3, 0.7) if joined else 0.0
        aspects.append(np.exp((1 - part) * logs[first] + part * logs[second]))
    kept = np.sort(np.argsort(beyond, kind="stable")[:count])
    return np.stack(bitmaps)[kept], np.array(aspects, np.float32)[kept]


def _spread(
    parents: NDArray[np.int64], chances: NDArray[np.floating], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """`count` parents, each as often as its chance says, up to rounding."""
    marks = (np.arange(count) + rng.random()) / count
    places = np.searchsorted(np.cumsum(chances), marks).clip(0, len(parents) - 1)
    return rng.permutation(parents[places])


def _apart(
    field: NDArray[np.float32],
    label: int,
    overlaps: Overlaps,
    limit: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], float]:
    """A deformation of the field that no real silhouette overlaps beyond the limit, and its IoU.

    Where no try is within it (discs remain discs), the one that overlaps least.
    """
    best, least = np.zeros(0, bool), np.inf
    for strength in np.linspace(*STRENGTHS, TRIES):
        bitmap = deformed(field, label, strength, rng)
        nearest = float(overlaps.with_(bitmap[None]).max())
        if nearest < least:
            best, least = bitmap, nearest
        if nearest <= limit:
            break
    return best, least


def _met(
    one: NDArray[np.bool_], other: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float32]:
    """The field (S, S) about half-way from one silhouette to another, either way round."""
    if np.count_nonzero(one & other[:, ::-1]) > np.count_nonzero(one & other):
        other = other[:, ::-1]
    fields = distance_field(one), distance_field(other)
    along, blend = rng.uniform(0.35, 0.65), rng.uniform(0.1, 0.4)
    first, second = (np.round(127.5 + 127.5 * field).astype(np.uint8) for field in fields)
    still = np.zeros((SIDE, SIDE, 2), np.float32)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(first, second, still)
    flow = cv2.GaussianBlur(flow, (0, 0), 1.5)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    moved, met = (
        cv2.remap(
            field,
            columns + part * flow[..., 0],
            rows + part * flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for field, part in zip(fields, (-along, 1 - along), strict=True)
    )
    mixed: NDArray[np.float32] = (1 - blend) * moved + blend * met
    return mixed
