"""Small shape and layout models, fitted to drawn figures, for the tests of what uses them."""

import numpy as np

from retrieval.families import USED_LABELS
from retrieval.layouts import LayoutConfig, LayoutModel, LayoutStatistics
from retrieval.shapes import SIDE, ShapeConfig, ShapeModel
from segmentation.labels import COUNT, is_thing, value_of

PERSON, DOG, TREE, GRASS, SKY = (
    value_of(name) for name in ("person", "dog", "tree", "grass", "sky-other")
)


def ellipses(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 64, 64) bool ellipses with a bite taken out of each."""
    rows, columns = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) / SIDE * 2 - 1
    bitmaps = rows**2 + columns**2 < 1
    x, y = rng.uniform(-1, 1, (2, count, 1, 1))
    return bitmaps & ((columns - x) ** 2 + (rows - y) ** 2 > 0.2)


def shape_model() -> ShapeModel:
    """A shape model of every used label, three bitten ellipses each."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.array(USED_LABELS, np.uint8), 3)
    return ShapeModel(
        config=ShapeConfig.tiny(),
        bitmaps=ellipses(len(labels), rng),
        labels=labels,
        aspects=np.exp(rng.normal(0, 0.3, len(labels))).astype(np.float32),
    )


def layout_model() -> LayoutModel:
    """A layout model of one kind of scene: people with dogs on grass, trees, sky above."""
    config = LayoutConfig(scene_kinds=1, box_kinds=1, grid=4)
    presence = np.full((1, COUNT), 0.001)
    presence[0, [PERSON, DOG]] = 0.9
    presence[0, [TREE, GRASS, SKY]] = 1.0
    occupancy = np.full((COUNT, 4, 4), 0.05)
    occupancy[SKY, :2], occupancy[GRASS, 2:] = 0.95, 0.95
    means = np.tile(np.array([0.5, 0.8, np.log(0.3), np.log(0.4)]), (COUNT, 1, 1))
    means[SKY] = (0.5, 0.5, 0.0, np.log(0.5))
    means[GRASS] = (0.5, 1.0, 0.0, np.log(0.5))
    support = np.full((COUNT, COUNT), 0.001)
    support[:, GRASS] = 0.8
    company = np.zeros(COUNT)
    company[DOG] = 0.5
    numbers = {
        "kinds": np.ones(1),
        "presence": presence,
        "frequency": presence[0],
        "together": np.zeros((COUNT, COUNT)),
        "occupancy": occupancy,
        "box_shares": np.ones((COUNT, 1)),
        "box_means": means,
        "box_spreads": np.full((COUNT, 1, 4), 0.05),
        "instances": np.where([is_thing(i) for i in range(COUNT)], 2.0, 1.0),
        "support": support,
        "company": company,
        "company_means": np.tile([0.4, 0.0, -1.0, -1.2], (COUNT, 1)),
        "company_spreads": np.full((COUNT, 4), 0.05),
    }
    return LayoutModel(
        config,
        LayoutStatistics(**{name: value.astype(np.float32) for name, value in numbers.items()}),
    )
