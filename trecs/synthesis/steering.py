"""Moves regions of a picture to the colours that they are told, keeping texture and shading.

Reconstructed, not from the paper; after Reinhard et al. ("Color Transfer between Images", 2001), in
CIE Lab: what is moved is a region's mean. Lightness goes along a curve that leaves black and white
where they are. Colour is turned and scaled where the region has one, so that a bus's windows stay
grey, and else added where light falls; what no screen can show is cut, and moved for again.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.colours import Lab, mean_of
from segmentation.told_colours import ToldColours

TURNS = 4  # of correcting for what was cut
CURVES = (0.3, 3.5)  # exponents of a lightness curve
HALVINGS = 12
BEYOND = 15.0  # how far past a colour is aimed, for what was cut; more would flatten a region
DULL, VIVID = 6.0, 15.0  # chroma of a region that has no colour of its own, and of one that has
MOST_SCALED = 2.5  # a chroma's growth; beyond, noise would grow with it
SHADOW, HIGHLIGHT = 25.0, 15.0  # of lightness above black and below white take less colour
FEATHER = 0.8  # pixels that a region's edge is blurred by
PATCH = 3.0  # pixels: how fine the patches of several colours are
SEEN = 1e-3  # share of a pixel that counts

Array = NDArray[np.float32]


def steered(picture: NDArray[np.uint8], told: ToldColours) -> NDArray[np.uint8]:
    """A picture (H, W, 3) uint8 RGB with its regions moved to the colours that they are told."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    for number, colours in enumerate(told.colours):
        inside = (told.numbers == number).astype(np.float32)
        if not inside.any():
            continue
        parts = patches(lab, inside, len(colours))
        for share, colour in zip(parts, sorted(colours), strict=True):
            lab = moved(lab, share, cv2.GaussianBlur(share, (0, 0), FEATHER), colour)
    return (_shown(lab) * 255).round().astype(np.uint8)


def steered_small(pictures: Array, told: ToldColours) -> Array:
    """A thumbnail (h, w, 3) of RGB in [0, 1] likewise, where each region has one colour."""
    height, width, _ = pictures.shape
    lab = cv2.cvtColor(pictures, cv2.COLOR_RGB2LAB)
    for number, colours in enumerate(told.colours):
        inside = (told.numbers == number).astype(np.float32)
        share = cv2.resize(inside, (width, height), interpolation=cv2.INTER_AREA)
        if (share > SEEN).any():
            lab = moved(lab, share, share, mean_of(colours))
    return _shown(lab)


def patches(lab: Array, inside: Array, count: int) -> list[Array]:
    """The shares (H, W) of a region's pixels that have each of so many colours, dark ones first.

    They are of one size, and lie where the picture is as dark.
    """
    if count == 1:
        return [inside]
    smooth = cv2.GaussianBlur(lab[..., 0], (0, 0), PATCH)
    limits = np.quantile(smooth[inside > 0], np.linspace(0, 1, count + 1)[1:-1])
    part = np.searchsorted(limits, smooth)
    return [inside * (part == i) for i in range(count)]


def moved(lab: Array, share: Array, alpha: Array, colour: Lab) -> Array:
    """Lab pixels (H, W, 3) of which those of a region have a mean colour.

    `share` (H, W): how much a pixel counts for the mean, `alpha` how far it is moved.
    """
    counted, touched = share > SEEN, alpha > SEEN
    weights, pixels = share[counted][:, None], lab[counted]
    if not len(pixels):
        return lab
    aim = np.array(colour, np.float32)
    wanted = aim.copy()
    for _ in range(TURNS):
        there = _moved(pixels, pixels, weights, wanted)
        seen = cv2.cvtColor(_shown(there[None]), cv2.COLOR_RGB2LAB)[0]
        missed = aim - (weights * seen).sum(0) / weights.sum()
        if np.abs(missed).max() < 0.5:
            break
        wanted = aim + (wanted + missed - aim).clip(-BEYOND, BEYOND)
    result, mix = lab.copy(), alpha[touched][:, None]
    result[touched] += mix * (_moved(lab[touched], pixels, weights, wanted) - lab[touched])
    return result


def _moved(pixels: Array, region: Array, weights: Array, colour: Array) -> Array:
    """Pixels (N, 3) under the map that brings a region's mean to a colour."""
    curve = _curve(region[:, 0], weights[:, 0], float(colour[0]))
    light, own = _curved(pixels[:, 0], *curve), _curved(region[:, 0], *curve)
    mean = (weights * region[:, 1:]).sum(0) / weights.sum()  # (2,)
    takes = _takes(own)
    strength = float((weights[:, 0] * takes).sum() / weights.sum())
    added = pixels[:, 1:] + _takes(light)[:, None] / max(strength, 0.4) * (colour[1:] - mean)
    chroma, wanted = float(np.hypot(*mean)), float(np.hypot(*colour[1:]))
    has = np.clip((chroma - DULL) / (VIVID - DULL), 0, 1)
    has *= min(1.0, MOST_SCALED * chroma / max(wanted, 1e-3))
    if has > 0:
        along = mean / max(chroma, 1e-3)
        much = (pixels[:, 1:] @ along)[:, None]  # chroma along the mean's hue
        across = pixels[:, 1:] - much * along
        turned = much / max(chroma, 1e-3) * colour[1:] + across * min(1.0, wanted / max(chroma, 1))
        added = has * turned + (1 - has) * added
    return np.concatenate([light[:, None], added], 1).astype(np.float32)


def _curve(light: Array, weights: Array, wanted: float) -> tuple[float, float]:
    """The exponent, and how far what it gives goes on to white (or, below 0, to black), that bring
    a mean to a lightness."""
    low, high = np.log(CURVES)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        mean = float((weights * _curved(light, np.exp(middle), 0)).sum() / weights.sum())
        low, high = (middle, high) if mean > wanted else (low, middle)
    exponent = float(np.exp((low + high) / 2))
    mean = float((weights * _curved(light, exponent, 0)).sum() / weights.sum())
    left = 100 - mean if wanted > mean else mean
    return exponent, float(np.clip((wanted - mean) / max(left, 1e-3), -1, 1))


def _curved(light: Array, exponent: float, further: float) -> Array:
    bent = 100 * np.clip(light / 100, 0, 1) ** exponent
    return np.asarray(bent + further * (100 - bent if further > 0 else bent), np.float32)


def _takes(light: Array) -> Array:
    """How much colour a lightness takes, 0 at black and white."""
    return np.clip(np.minimum(light / SHADOW, (100 - light) / HIGHLIGHT), 0, 1)


def _shown(lab: Array) -> Array:
    """The RGB colours in [0, 1] that a screen shows for Lab ones (H, W, 3)."""
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.asarray(rgb.clip(0, 1), np.float32)
