"""Convex hulls of points in a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_AREA = 0.001  # of the picture: hulls smaller than this are widened

WIDENING = 0.02  # by this much to every side


def convex_hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The convex hull of points (P, 2), P >= 1, cut to the picture and at least MIN_AREA large."""
    hull = _hull(np.clip(points, 0.0, 1.0))
    if cv2.contourArea(hull.astype(np.float32)) >= MIN_AREA:
        return hull
    inside = np.clip(hull, WIDENING, 1 - WIDENING)
    corners = WIDENING * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return _hull((inside[:, None] + corners).reshape(-1, 2))


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the convex hull, (H, 2) float64; one or two for degenerate points."""
    indices = cv2.convexHull(points.astype(np.float32), returnPoints=False)
    return np.asarray(points[indices.ravel()], np.float64)
