import numpy as np
import pytest

from retrieval.choice import choose
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.placing import place
from retrieval.query import Query
from segmentation.hulls import convex_hull
from segmentation.labels import value_of
from segmentation.masks import Mask, fill_polygon, iou
from tests.retrieval.scenes import DOG, disc

HOUSE = value_of("house")
ANGLES = np.linspace(0, 2 * np.pi, 200)
BOX = (0.3, 0.3, 0.7, 0.7)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libraries") / "library"
    with LibraryWriter(folder) as writer:
        table = np.ones((40, 40), bool)
        table[20:, 10:30] = False  # two legs
        writer.append_scene("one", [(DOG, Mask(BOX, table)), (HOUSE, Mask(BOX, disc()))])
        writer.finish("")
    return SceneLibrary.open(folder)


def placed(library, label, reach=1.0):
    """What is placed for a loop about the middle, `reach` (200,) or a number: how far it goes."""
    loop = 0.5 + 0.3 * np.stack([reach * np.cos(ANGLES), reach * np.sin(ANGLES)], 1)
    query = Query(label, convex_hull(loop), strokes=(loop,))
    (choice,) = choose(library, [(0, 1.0)], [query])
    return place(library, choice).mask.render(200, 200), fill_polygon(loop, 200, 200)


def test_a_ringed_thing_keeps_its_own_outline(library):
    shape, _ = placed(library, DOG)
    assert shape[45, 45]  # a corner of its box, which the ellipse leaves out
    assert not shape[150, 100]


def test_an_outline_that_was_followed_is_drawn_as_it_is(library):
    shape, star = placed(library, DOG, 1 + 0.4 * np.sin(4 * ANGLES))
    assert iou(shape, star) > 0.85


def test_a_loop_round_a_house_tells_its_box(library):
    shape, ellipse = placed(library, HOUSE)
    box = fill_polygon(np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]), 200, 200)
    assert shape.sum() > 1.05 * ellipse.sum()
    assert not (shape & ~box).any()
