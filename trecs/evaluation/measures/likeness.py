"""How alike two pictures are pixel by pixel: PSNR and SSIM."""

import cv2
import numpy as np
from numpy.typing import NDArray

PEAK = 255.0
SIGMA, REACH = 1.5, 5  # of the Gaussian window, 11 pixels a side
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2


def psnr(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / mean squared error).

    Both (H, W, 3) uint8; higher is more alike, infinite for equal pictures.
    """
    error = np.square(first.astype(np.float64) - second).mean()
    return float("inf") if error == 0 else float(10 * np.log10(PEAK**2 / error))


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Structural similarity, -1 to 1 (Wang et al., IEEE TIP 2004, equation 13).

    Both (H, W, 3) uint8, at least 11 a side. The mean over the colour channels and over all places
    where the 11x11 Gaussian window of sigma 1.5 lies within the picture; K1 = 0.01, K2 = 0.03.
    """
    x, y = first.astype(np.float64), second.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + C1) * (2 * covariance + C2)
    likeness /= (mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2)
    return float(likeness.mean())


def _blurred(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The window's mean at each place where it fits, (H - 10, W - 10, 3)."""
    side = 2 * REACH + 1
    blurred = cv2.GaussianBlur(x, (side, side), SIGMA)[REACH:-REACH, REACH:-REACH]
    return np.asarray(blurred, np.float64)
