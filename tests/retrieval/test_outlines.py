import numpy as np
import pytest

from retrieval.outlines import SIDE, drawn_outline
from retrieval.query import hull_box
from segmentation.hulls import convex_hull

ANGLES = np.linspace(0, 2 * np.pi, 200)


def outline_of(*strokes):
    hull = convex_hull(np.concatenate(strokes))
    return drawn_outline(hull, strokes, hull_box(hull))


def ring(reach=1.0, turns=1.0, width=0.3, height=0.2):
    """A loop about the picture's middle, `reach` (200,) or a number: how far it goes."""
    angles = turns * ANGLES
    return np.column_stack(
        [0.5 + width * reach * np.cos(angles), 0.5 + height * reach * np.sin(angles)]
    )


@pytest.mark.parametrize("turns", [1.0, 2.5])
@pytest.mark.parametrize("waver", [0.0, 0.02])
def test_an_ellipse_tells_no_outline_however_the_hand_wavers(turns, waver):
    found = outline_of(ring(1 - waver * (1 + np.sin(5 * ANGLES)), turns))
    assert found.care == 0
    assert found.followed == 0
    assert found.shape.mean() == pytest.approx(np.pi / 4, abs=0.05)


def test_a_box_tells_no_outline():
    corners = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.5], [0.2, 0.5]])
    assert drawn_outline(corners, [corners], hull_box(corners)).care == 0


def test_an_outline_with_hollows_was_followed():
    star = outline_of(ring(1 + 0.4 * np.sin(4 * ANGLES)))
    assert star.care == 1
    assert star.followed == 1
    assert not star.shape[0, 0]
    assert star.shape[SIDE // 2, SIDE // 2]


def test_a_convex_outline_is_careful_but_has_no_hollows_to_follow():
    triangle = np.array([[0.2, 0.8], [0.8, 0.8], [0.5, 0.2], [0.2, 0.8]])
    found = outline_of(triangle)
    assert found.care == 1
    assert found.followed == 0


def test_a_scribble_is_known_by_its_hull():
    steps = np.linspace(0, 1, 100)
    zigzag = np.column_stack([0.2 + 0.6 * steps, 0.5 + 0.3 * np.sin(60 * steps)])
    found = outline_of(zigzag)
    assert found.followed == 0
    assert found.shape.mean() > 0.8


@pytest.mark.parametrize(
    "points", [[[0.5, 0.5]], [[0.1, 0.1], [0.9, 0.9]], [[0.3, 0.3], [0.3, 0.3], [0.3, 0.8]]]
)
def test_any_trace_has_an_outline(points):
    found = outline_of(np.array(points))
    assert found.shape.shape == (SIDE, SIDE)
    assert 0 <= found.followed <= found.care <= 1
