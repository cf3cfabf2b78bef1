"""The canvas as segmentation ControlNets learnt to read it: in the colours of ADE20K's classes.

The 150 colours (`ade20k_colours.csv`) are those in which ADE20K's label maps are usually shown
(Zhou et al., CVPR 2017), and in which the released ControlNets saw theirs. Which class stands for
each of our labels (`ade20k.csv`) is reconstructed: the same thing where ADE20K has it, else the
nearest in meaning ("animal" for a zebra; the words say which). Both files can be corrected by hand.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.text import read_text
from segmentation.canvas import Canvas
from segmentation.labels import NAMES, value_of

COLOURS, CLASSES = "ade20k_colours.csv", "ade20k.csv"


def control_picture(canvas: Canvas) -> NDArray[np.uint8]:
    """A canvas in ADE20K's colours, (H, W, 3) uint8 RGB; what has no label is black."""
    return ade20k_palette()[canvas.label_map]


@cache
def ade20k_palette() -> NDArray[np.uint8]:
    """The colour of ADE20K's class for every uint8 value of a label map, (256, 3) uint8 RGB."""
    folder = Path(str(resources.files("trecs.synthesis.diffusion")))
    return palette_of(folder / COLOURS, folder / CLASSES)


def palette_of(colours: Path, classes: Path) -> NDArray[np.uint8]:
    """As `ade20k_palette`, of two files: `class,red,green,blue` and `label,class`.

    Raises InputError, which names file and line, for a colour that is none, for an unknown label or
    class, and where a label has no class or two.
    """
    known = {name: _rgb(rest, colours, name) for name, *rest in _rows(colours, 4)}
    chosen: dict[str, str] = {}
    for label, name in _rows(classes, 2):
        value_of(label)
        if name not in known:
            raise InputError(f"'{classes}' gives {label} the class '{name}', not in '{colours}'.")
        if chosen.setdefault(label, name) != name:
            raise InputError(f"'{classes}' gives {label} two classes; one is enough.")
    return _palette(known, chosen, classes)


def _palette(
    known: Mapping[str, tuple[int, ...]], chosen: Mapping[str, str], classes: Path
) -> NDArray[np.uint8]:
    palette = np.zeros((256, 3), np.uint8)
    for value, label in enumerate(NAMES):
        if label not in chosen:
            raise InputError(f"'{classes}' gives {label} no class; add a line '{label},CLASS'.")
        palette[value] = known[chosen[label]]
    return palette


def _rgb(texts: list[str], path: Path, name: str) -> tuple[int, ...]:
    if not all(text.isascii() and text.isdigit() and int(text) <= 255 for text in texts):
        raise InputError(f"'{path}' has no colour for {name}: three numbers from 0 to 255.")
    return tuple(map(int, texts))


def _rows(path: Path, columns: int) -> list[list[str]]:
    """The rows of a table below its head, each of so many columns."""
    rows = list(csv.reader(read_text(path, "The table").splitlines()))
    for number, row in enumerate(rows, 1):
        if len(row) != columns:
            raise InputError(f"'{path}', line {number}: expected {columns} values with commas.")
    return rows[1:]
