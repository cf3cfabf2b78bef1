"""Texture that goes on where a photo ends: patches of what is known, laid over what is not.

Exemplar-based: the place with most known neighbours is filled first (Criminisi, Perez and Toyama,
IEEE TIP 2004, the confidence term), with the patch that fits them best; patches fade into one
another.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

PATCHES = (33, 21, 13, 7)  # sides in pixels at 256; the largest that there is enough of is taken
CHOICE = 40  # places for whole patches that are enough
CANDIDATES = 192  # patches that are compared for each place
THIN = 3  # of so many rows and columns one is compared
FADE = 0.25  # of a patch's side: how far a patch reaches into what is known
LEVEL = 0.3  # what a step of the picture's whole height costs, beside a squared difference of 1


def extended(
    picture: NDArray[np.float32],
    known: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
    unit: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """A picture (H, W, 3) in [0, 1] with what is `wanted` (H, W), of which some is `known`.

    At least one pixel is known. `unit`: how many pixels count as one of 256 of a canvas's side.
    """
    missing = wanted & ~known
    if not missing.any():
        return picture
    for side in PATCHES:
        side = max(round(side * unit) | 1, 3)
        places = np.argwhere(_whole(known, side))
        if len(places) >= CHOICE:
            return _patched(picture, known, missing, places, side, 256 * unit, rng)
    return np.where(missing[..., None], _smooth(picture, known, unit), picture)


def _patched(
    picture: NDArray[np.float32],
    known: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    places: NDArray[np.int64],
    side: int,
    size: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """`places`: (N, 2) centres of whole patches of a `side`; `size`: the canvas's side."""
    picture, known, left = picture.copy(), known.copy(), missing.copy()
    half, fade = side // 2, max(FADE * side, 1.0)
    ends = [length - side for length in left.shape]
    windows = np.lib.stride_tricks.sliding_window_view(picture.copy(), (side, side), (0, 1))
    thin = windows[..., ::THIN, ::THIN]
    while left.any():
        counts = cv2.boxFilter(known.astype(np.float32), -1, (side, side), normalize=False)
        y, x = np.unravel_index(np.argmax(np.where(left, counts, -1)), left.shape)
        top, west = (int(np.clip(at - half, 0, end)) for at, end in zip((y, x), ends, strict=True))
        here = (slice(top, top + side), slice(west, west + side))
        some = places[rng.integers(len(places), size=CANDIDATES)] - half
        sure = known[here]
        cost = LEVEL * ((some[:, 0] - top) / size) ** 2
        if sure[::THIN, ::THIN].any():
            patches = thin[some[:, 0], some[:, 1]][..., sure[::THIN, ::THIN]]  # (N, 3, pixels)
            there = picture[here][::THIN, ::THIN][sure[::THIN, ::THIN]].T
            cost = cost + np.square(patches - there).mean((1, 2))
        best = windows[tuple(some[int(np.argmin(cost))])].transpose(1, 2, 0)
        away = cv2.distanceTransform(sure.astype(np.uint8), cv2.DIST_L2, 3)
        share = np.clip(1 - away / fade, 0, 1)[..., None] if sure.any() else 1.0
        picture[here] += share * (best - picture[here])
        left[here], known[here] = False, True
    return picture


def _whole(known: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """The centres of patches of which all is known and within the picture."""
    whole = cv2.erode(
        known.astype(np.uint8),
        np.ones((side, side), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return whole.astype(bool)


def _smooth(
    picture: NDArray[np.float32], known: NDArray[np.bool_], unit: float
) -> NDArray[np.float32]:
    """Each pixel's colour from the known ones, the nearer the more."""
    total = np.zeros_like(picture)
    weights = np.zeros(known.shape, np.float32)
    for spread in (unit, 4 * unit, 16 * unit):
        share = cv2.GaussianBlur(known.astype(np.float32), (0, 0), spread)
        colours = cv2.GaussianBlur(picture * known[..., None], (0, 0), spread)
        weight = spread**-2  # so that farther ones count where no nearer one is
        total += weight * colours
        weights += weight * share
    filled = total / np.maximum(weights, 1e-12)[..., None]
    return np.where((weights > 1e-9)[..., None], filled, picture[known].mean(0)).astype(np.float32)
