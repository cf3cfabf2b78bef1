"""Draws docs/systems/NAME.jpg: what each system makes of the same six captions.

    python -m scripts.strips [NAME ...]

Without names, all systems that are installed but those who copy photos (`photo`, `collage`), for no
photo is to be had here, and `predicted`, who draws from words alone what `traced` does. The seed is
0, and nothing was chosen but the captions.
"""

import sys

import cv2
import numpy as np
from PIL import Image

from trecs.commands.systems import STRIPS, captions
from trecs.narrative import from_text
from trecs.systems import registry
from trecs.systems.interface import Home

SIDE, GAP = 160, 4  # pixels
LEFT_OUT = ("photo", "collage", "predicted")


def main(names: list[str]) -> None:
    """Draws the strips of some systems."""
    home = Home()
    for card in [registry.card(name) for name in names] or list(registry.cards().values()):
        if not names and (card.name in LEFT_OUT or not card.installed(home)):
            continue
        system = card.load(home)
        drawn = [system.draw(from_text(caption), 0).picture for caption in captions()]
        strip(drawn).save(STRIPS / f"{card.name}.jpg", quality=88)


def strip(pictures: list[np.ndarray]) -> Image.Image:
    """Pictures (S, S, 3) uint8 RGB of any size, side by side at one."""
    row = np.full((SIDE, len(pictures) * (SIDE + GAP) - GAP, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        left = number * (SIDE + GAP)
        way = cv2.INTER_AREA if len(picture) > SIDE else cv2.INTER_CUBIC
        row[:, left : left + SIDE] = cv2.resize(picture, (SIDE, SIDE), interpolation=way)
    return Image.fromarray(row)


if __name__ == "__main__":
    STRIPS.mkdir(exist_ok=True)
    main(sys.argv[1:])
