"""CIEDE2000, how different two colours look: about 1 is just seen, 50 is black and mid grey."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FAR = 25.0**7


def ciede2000(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """The differences (...) between CIE Lab colours (..., 3) (Sharma, Wu and Dalal, Color Research
    and Application 30, 2005, equations 2 to 22; all weights 1)."""
    (light_1, a_1, b_1), (light_2, a_2, b_2) = (
        np.moveaxis(np.asarray(colours, np.float64), -1, 0) for colours in (first, second)
    )
    mean = (np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2
    stretch = 1.5 - np.sqrt(mean**7 / (mean**7 + FAR)) / 2
    chroma_1, hue_1 = _polar(a_1 * stretch, b_1)
    chroma_2, hue_2 = _polar(a_2 * stretch, b_2)
    grey = chroma_1 * chroma_2 == 0
    turn = np.where(grey, 0, (hue_2 - hue_1 + 180) % 360 - 180)
    light, chroma = light_2 - light_1, chroma_2 - chroma_1
    hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn) / 2)

    mean_light, mean_chroma = (light_1 + light_2) / 2, (chroma_1 + chroma_2) / 2
    mean_hue = np.where(grey, hue_1 + hue_2, hue_1 + turn / 2)
    hues = (
        1
        - 0.17 * _cos(mean_hue - 30)
        + 0.24 * _cos(2 * mean_hue)
        + 0.32 * _cos(3 * mean_hue + 6)
        - 0.20 * _cos(4 * mean_hue - 63)
    )
    off = (mean_light - 50) ** 2
    light = light / (1 + 0.015 * off / np.sqrt(20 + off))
    chroma = chroma / (1 + 0.045 * mean_chroma)
    hue = hue / (1 + 0.015 * mean_chroma * hues)
    bend = np.exp(-((((mean_hue % 360) - 275) / 25) ** 2))
    turned = -2 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + FAR)) * np.sin(np.radians(60 * bend))
    return np.asarray(np.sqrt(light**2 + chroma**2 + hue**2 + turned * chroma * hue))


def _polar(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Chroma, and hue in degrees."""
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _cos(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cos(np.radians(degrees)))
