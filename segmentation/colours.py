"""Colours in CIE Lab (white point D65), and what a colour's name means for a label.

"A red bus" is not #ff0000: it has windows, wheels and a shadow. What those parts of a label look
like that people call red is learned from photos (`trecs data colours`) and stands in `colours.txt`;
what few were seen of leans on what that name means for all labels, and that on the colour of its
name. Reconstructed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.labels import NAMES

Lab = tuple[float, float, float]
"""L from 0 to 100, a and b about -100 to 100."""

LEANING = 8
"""Regions that what is known beforehand counts for."""

ALL = "*"
"""Stands for all labels in `colours.txt`."""

HEAD = (
    "# What colours' names mean: each by itself (sRGB, chosen for this project); then for a label,",
    "# or * for all, the number of regions of photos that show it best, and their median Lab.",
    "# Written by `trecs data colours`, read by segmentation/colours.py.",
    "",
)

SHADES: dict[str, tuple[float, float]] = {  # the share of the way to a lightness, and of the chroma
    "dark": (0.45, 0.85),
    "bright": (0.3, 1.15),
    "light": (0.5, 0.7),
    "pale": (0.55, 0.45),
}
_TOWARDS = {"dark": 5.0, "bright": 85.0, "light": 95.0, "pale": 92.0}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class ColourNames:
    """`named`: the Lab colour of each name by itself. `seen`: by name and label (or ALL), how many
    regions were seen and their median Lab colour."""

    named: Mapping[str, Lab]
    seen: Mapping[tuple[str, str], tuple[int, Lab]]

    @classmethod
    @cache
    def read(cls) -> "ColourNames":
        """Reads the file beside this module."""
        text = resources.files("segmentation").joinpath("colours.txt").read_text("utf-8")
        return cls.of(text.splitlines())

    @classmethod
    def of(cls, lines: Iterable[str]) -> "ColourNames":
        """From lines "name = #rrggbb" and "name | label = count L a b"."""
        named: dict[str, Lab] = {}
        seen: dict[tuple[str, str], tuple[int, Lab]] = {}
        for line in lines:
            key, given, value = line.partition(" = ")
            if not given or line.startswith("#"):
                continue
            name, of, label = key.partition(" | ")
            if of:
                count, *lab = value.split()
                lightness, a, b = map(float, lab)
                seen[name, label] = int(count), (lightness, a, b)
            else:
                named[name] = lab_of_hex(value)
        return cls(named, seen)

    def one(self, label: int, name: str) -> Lab:
        """The colour that a region of a label has when it is called by one name."""
        meaning = self._leaning((name, ALL), self.by_itself(name))
        return self._leaning((name, NAMES[label]), meaning)

    def _leaning(self, key: tuple[str, str], before: Lab) -> Lab:
        count, seen = self.seen.get(key, (0, before))
        return _lab((LEANING * np.array(before) + count * np.array(seen)) / (LEANING + count))

    def by_itself(self, name: str) -> Lab:
        """The colour of a name, whatever it is said of: "red", "dark red"."""
        if name in self.named:
            return self.named[name]
        shade, _, colour = name.partition(" ")
        lightness, a, b = self.named[colour]
        towards, chroma = SHADES[shade]
        lightness += towards * (_TOWARDS[shade] - lightness)
        return lightness, chroma * a, chroma * b


def mean_of(colours: Sequence[Lab]) -> Lab:
    """The mean of colours."""
    return _lab(np.mean(colours, 0))


def lab_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The Lab colours (H, W, 3) float32 of pixels (H, W, 3) uint8 in sRGB."""
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def pixels_of(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest pixels (H, W, 3) uint8 in sRGB to Lab colours (H, W, 3), each channel cut."""
    rgb = cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_LAB2RGB)
    return (rgb * 255).round().clip(0, 255).astype(np.uint8)


def lab_of_hex(text: str) -> Lab:
    """The Lab colour of "#rrggbb"; raises InputError for anything else."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise InputError(
            f"{str(text)[:40]!r} is no colour; expected one such as '#c81e1e' or 'dark red'."
        )
    rgb = np.array([[[int(text[at : at + 2], 16) for at in (1, 3, 5)]]], np.uint8)
    return _lab(lab_of(rgb)[0, 0])


def hex_of_text(text: str) -> str:
    """A colour as "#rrggbb" that is told so or by its name, "dark red", as that is by itself.

    Raises InputError for anything else.
    """
    names = ColourNames.read()
    shade, _, colour = text.rpartition(" ") if isinstance(text, str) else ("", "", "")
    if text in names.named or (shade in SHADES and colour in names.named.keys() - SHADES.keys()):
        return hex_of(names.by_itself(text))
    lab_of_hex(text)
    return text.lower()


def hex_of(lab: Lab) -> str:
    """The nearest "#rrggbb" to a Lab colour."""
    red, green, blue = pixels_of(np.array([[lab]], np.float32))[0, 0].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def nearest_half(colours: NDArray[np.floating], name: Lab) -> NDArray[np.floating]:
    """Of Lab colours (N, 3) the half that is nearest to a name's; lightness counts half."""
    apart = np.square(colours - np.array(name)) @ np.array([0.5, 1, 1])
    return colours[np.argsort(apart, kind="stable")[: (len(colours) + 1) // 2]]


def colour_lines(names: ColourNames, seen: Iterable[tuple[str, str, Lab]]) -> list[str]:
    """The lines of `colours.txt`: names by themselves, and the (name, label, colour) of regions.

    Of a name's regions only the half that is nearest to the name counts: captions often call
    another thing of the label so.
    """
    groups: dict[tuple[str, str], list[Lab]] = {}
    for name, label, lab in seen:
        for key in ((name, ALL), (name, label)):
            groups.setdefault(key, []).append(lab)
    lines = [f"{name} = {hex_of(lab)}" for name, lab in names.named.items()]
    for (name, label), colours in sorted(groups.items()):
        best = nearest_half(np.array(colours), names.by_itself(name))
        median = " ".join(f"{value:.1f}" for value in np.median(best, 0))
        lines.append(f"{name} | {label} = {len(best)} {median}")
    return lines


def _lab(values: NDArray[np.floating]) -> Lab:
    lightness, a, b = (float(value) for value in values)
    return lightness, a, b
