"""How a hand with a mouse loops round an outline (reconstructed).

Used by the simulated annotator and to draw the traces that the trace predictor supplies.
"""

import numpy as np
from numpy.typing import NDArray

POINTS_PER_SECOND = 50
SPEED = 0.9  # picture sides a second at leisure; a hand short of time goes faster
MAX_TURNS = 3.0
MIN_POINTS = 24
OVERSHOOT = 0.1  # a trace leaves the picture by at most so much


def loop(
    outline: NDArray[np.float64],
    begin: float,
    seconds: float,
    rng: np.random.Generator,
    *,
    wobble: float = 0.04,
    stray: float = 0.0,
) -> NDArray[np.float64]:
    """Draws round a convex outline, at least once, for the given seconds.

    `outline` (H, 2): its corners in order, fractions. `wobble`: how far the hand deviates inwards,
    relative to the distance from the outline's centre. `stray`: the largest share of points that
    leave the outline, in one stretch, by at most OVERSHOOT; all others stay inside it. Returns a
    stroke (P, 3) of x, y, t, that leaves the picture by at most OVERSHOOT.
    """
    corners = np.vstack([outline, outline[:1]])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    turns = float(np.clip(SPEED * seconds / max(lengths[-1], 1e-6), 1.0, MAX_TURNS))
    count = max(round(seconds * POINTS_PER_SECOND), MIN_POINTS)
    phase = np.linspace(0, turns, count)
    along = (rng.random() + rng.choice([-1, 1]) * phase) % 1.0 * lengths[-1]
    points = np.stack([np.interp(along, lengths, corners[:, axis]) for axis in (0, 1)], 1)
    centre = outline.mean(0)
    inwards = wobble * (1 + _waves(phase, rng))  # (P,) between 0 and 2 wobble
    points = centre + (points - centre) * (1 - inwards[:, None])
    points += _excursion(points - centre, stray, rng)
    times = begin + np.linspace(0, seconds, count)
    return np.column_stack([np.clip(points, -OVERSHOOT, 1 + OVERSHOOT), times])


def rounded_box(
    box: tuple[float, float, float, float], *, squareness: float
) -> NDArray[np.float64]:
    """A closed outline that fills a box (left, top, right, bottom), (64, 2) fractions.

    A superellipse: `squareness` 2 gives an ellipse, larger values rounded rectangles.
    """
    left, top, right, bottom = box
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    x, y = (
        np.sign(wave) * np.abs(wave) ** (2 / squareness)
        for wave in (np.cos(angles), np.sin(angles))
    )
    return np.column_stack(
        [(left + right + (right - left) * x) / 2, (top + bottom + (bottom - top) * y) / 2]
    )


def _waves(phase: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth random curve within [-1, 1]: three waves of some turns' length."""
    frequencies, shifts = rng.uniform(1, 7, 3), rng.uniform(0, 2 * np.pi, 3)
    return np.mean(np.sin(2 * np.pi * np.outer(phase, frequencies) + shifts), axis=1)


def _excursion(
    outwards: NDArray[np.float64], stray: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Offsets (P, 2) of one stretch of at most `stray` of the points, bulging outwards."""
    count = int(len(outwards) * stray * rng.random())
    offsets = np.zeros_like(outwards)
    if count:
        first = int(rng.integers(len(outwards) - count + 1))
        bulge = np.sin(np.linspace(0, np.pi, count)) * rng.uniform(0, OVERSHOOT)
        stretch = outwards[first : first + count]
        directions = stretch / np.maximum(np.linalg.norm(stretch, axis=1, keepdims=True), 1e-9)
        offsets[first : first + count] = directions * bulge[:, None]
    return offsets
