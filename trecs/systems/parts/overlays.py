"""Attention to look at: where in the picture each word counted (as in Xu et al., figure 4)."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from trecs.systems.interface import WordAttention

DIM = 0.25  # brightness where a word counts least
GAP, LINE, ACROSS = 6, 18, 6  # pixels between tiles, pixels of a title, tiles in a row
BAD = r"[^\w.-]"  # for names of files


def stretched(attention: NDArray[np.float32]) -> NDArray[np.float32]:
    """One word's attention from 0 at its least to 1 at its greatest value; an even one is 1.

    So maps of several words tell where, not how much.
    """
    least, span = attention.min(), np.ptp(attention)
    return (attention - least) / span if span > 0 else np.ones_like(attention)


def overlay(picture: NDArray[np.uint8], attention: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture (S, S, 3) uint8 RGB, dark but where one word's attention (h, w) is.

    (Reconstructed: the authors add it in white.)
    """
    large = Image.fromarray(stretched(attention).astype(np.float32))
    light = np.asarray(large.resize(picture.shape[1::-1], Image.Resampling.BILINEAR))[..., None]
    return (picture * (DIM + (1 - DIM) * light)).round().clip(0, 255).astype(np.uint8)


def sheet(titles: Sequence[str], tiles: Sequence[NDArray[np.uint8]]) -> Image.Image:
    """Tiles (S, S, 3) uint8 RGB in rows of ACROSS, each below its title, on white."""
    side = tiles[0].shape[0]
    columns, rows = min(ACROSS, len(tiles)), -(-len(tiles) // ACROSS)
    step, drop = side + GAP, side + GAP + LINE
    page = Image.new("RGB", (columns * step + GAP, rows * drop + GAP), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for i, (title, tile) in enumerate(zip(titles, tiles, strict=True)):
        row, column = divmod(i, ACROSS)
        left, top = GAP + column * step, GAP + row * drop
        pen.text((left, top), title, "black", font)
        page.paste(Image.fromarray(tile), (left, top + LINE))
    return page


def write_overlays(picture: NDArray[np.uint8], attention: WordAttention, folder: Path) -> None:
    """Writes the picture (S, S, 3) under each word's attention, and a sheet with all of them.

    The files: stage2_01_WORD.png and so on, after the titles of the maps, and sheet.png.
    """
    folder.mkdir(exist_ok=True)
    titles, tiles = ["picture"], [picture]
    for layer, maps in attention.maps.items():
        for number, (word, shares) in enumerate(zip(attention.words, maps, strict=True), 1):
            tile = overlay(picture, shares)
            name = f"{layer.replace(' ', '')}_{number:02}_{word[:40]}"
            Image.fromarray(tile).save(folder / f"{re.sub(BAD, '_', name)}.png")
            titles.append(f"{word} ({layer})")
            tiles.append(tile)
    sheet(titles, tiles).save(folder / "sheet.png")
