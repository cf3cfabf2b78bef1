"""The COCO-Stuff label set: names, things and stuff, and the palette of canvases.

Values follow COCO-Stuff (Caesar et al., CVPR 2018): the category id minus one, things 0-90,
stuff 91-181, and 255 for pixels without a label. Eleven thing values never occur in COCO.
"""

import colorsys
from functools import cache

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError

NAMES: tuple[str, ...] = tuple(
    """
    person bicycle car motorcycle airplane bus train truck boat traffic-light fire-hydrant
    street-sign stop-sign parking-meter bench bird cat dog horse sheep cow elephant bear zebra
    giraffe hat backpack umbrella shoe eye-glasses handbag tie suitcase frisbee skis snowboard
    sports-ball kite baseball-bat baseball-glove skateboard surfboard tennis-racket bottle plate
    wine-glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hot-dog
    pizza donut cake chair couch potted-plant bed mirror dining-table window desk toilet door tv
    laptop mouse remote keyboard cell-phone microwave oven toaster sink refrigerator blender
    book clock vase scissors teddy-bear hair-drier toothbrush hair-brush banner blanket branch
    bridge building-other bush cabinet cage cardboard carpet ceiling-other ceiling-tile cloth
    clothes clouds counter cupboard curtain desk-stuff dirt door-stuff fence floor-marble
    floor-other floor-stone floor-tile floor-wood flower fog food-other fruit furniture-other
    grass gravel ground-other hill house leaves light mat metal mirror-stuff moss mountain mud
    napkin net paper pavement pillow plant-other plastic platform playingfield railing railroad
    river road rock roof rug salad sand sea shelf sky-other skyscraper snow solid-other stairs
    stone straw structural-other table tent textile-other towel tree vegetable wall-brick
    wall-concrete wall-other wall-panel wall-stone wall-tile wall-wood water-other waterdrops
    window-blind window-other wood
    """.split()
)
COUNT = len(NAMES)
UNLABELED = 255
FIRST_STUFF = 91
NEVER_IN_COCO = frozenset((11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90))


def is_thing(label: int) -> bool:
    """Whether a label is a countable thing (0-90) rather than stuff (91-181)."""
    return 0 <= label < FIRST_STUFF


def value_of(name: str) -> int:
    """The value of a label's name; raises InputError for a name outside COCO-Stuff."""
    try:
        return _values()[name]
    except KeyError:
        near = ", ".join(search(name)[:5]) or "person, tree, sky-other"
        raise InputError(
            f"'{name}' is not a COCO-Stuff label; expected one of the {COUNT} names, "
            f"such as {near}."
        ) from None


def search(text: str) -> list[str]:
    """The names that contain every word of `text`, those that start with it first."""
    words = text.lower().replace("-", " ").split()
    hits = [name for name in NAMES if all(word in name for word in words)]
    return sorted(hits, key=lambda name: (not name.startswith("-".join(words)), name))


@cache
def palette() -> NDArray[np.uint8]:
    """A colour for every uint8 value, (256, 3) uint8 RGB; unlabeled is mid grey.

    Hues step by the golden angle so that neighbouring values differ; things are brighter than
    stuff so that objects stand out from their background. Where people expect a colour (sky,
    grass, sea, road, ...) the label gets it.
    """
    colours = np.full((256, 3), 128, np.uint8)
    for value in range(COUNT):
        hue = (value * 0.618034) % 1.0
        saturation, brightness = (0.75, 0.95) if is_thing(value) else (0.45, 0.68)
        brightness -= 0.12 * (value % 3) / 2
        rgb = colorsys.hsv_to_rgb(hue, saturation, brightness)
        colours[value] = [round(255 * channel) for channel in rgb]
    for name, rgb in _EXPECTED_COLOURS.items():
        colours[_values()[name]] = rgb
    return colours


@cache
def _values() -> dict[str, int]:
    return {name: value for value, name in enumerate(NAMES)}


_EXPECTED_COLOURS: dict[str, tuple[int, int, int]] = {
    "sky-other": (124, 185, 232),
    "clouds": (196, 214, 230),
    "grass": (104, 159, 56),
    "tree": (46, 110, 52),
    "bush": (78, 130, 60),
    "sea": (28, 107, 160),
    "river": (60, 140, 180),
    "water-other": (70, 150, 190),
    "sand": (222, 200, 140),
    "snow": (236, 240, 245),
    "road": (105, 105, 112),
    "pavement": (150, 145, 140),
    "dirt": (140, 104, 70),
    "mountain": (120, 112, 128),
    "wall-concrete": (190, 182, 170),
    "floor-wood": (168, 120, 76),
    "person": (230, 70, 90),
}
