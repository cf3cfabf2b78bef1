import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.fitting import bend, blend, filled_hull
from segmentation.masks import Mask, fill_polygon, iou

DIAMOND = np.array([[0.5, 0.2], [0.8, 0.5], [0.5, 0.8], [0.2, 0.5]])
SQUARE = Mask((0.2, 0.2, 0.8, 0.8), np.ones((60, 60), bool))


def test_a_square_is_bent_to_a_diamond():
    target = fill_polygon(DIAMOND, 200, 200)
    before = iou(SQUARE.render(200, 200), target)
    after = iou(bend(SQUARE, DIAMOND).render(200, 200), target)
    assert before == pytest.approx(0.5, abs=0.02)
    assert after == pytest.approx(0.81, abs=0.02)  # its corners may give way by MAX_BEND only


def test_a_square_is_bent_to_a_gentle_octagon():
    low, high = np.array(SQUARE.box[:2]), np.array(SQUARE.box[2:])
    cut = [(0.2, 0), (0.8, 0), (1, 0.2), (1, 0.8), (0.8, 1), (0.2, 1), (0, 0.8), (0, 0.2)]
    octagon = low + np.array(cut) * (high - low)
    target = fill_polygon(octagon, 200, 200)
    assert iou(SQUARE.render(200, 200), target) == pytest.approx(0.92, abs=0.01)
    assert iou(bend(SQUARE, octagon).render(200, 200), target) > 0.97


def test_a_mask_that_fits_stays_as_it_is():
    corners = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]])
    assert iou(bend(SQUARE, corners).render(200, 200), SQUARE.render(200, 200)) > 0.97


def test_what_is_hollow_stays_hollow():
    arch = np.ones((60, 60), bool)
    arch[30:, 20:40] = False  # two legs
    corners = np.array([[0.2, 0.1], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]])
    bent = bend(Mask((0.2, 0.2, 0.8, 0.8), arch), corners).render(100, 100)
    assert not bent[75, 50]
    assert bent[75, 25]
    assert bent[75, 75]


def test_a_hull_without_area_bends_nothing():
    line = np.array([[0.1, 0.1], [0.9, 0.9]])
    assert bend(SQUARE, line) is SQUARE


def test_blending_goes_from_the_mask_to_the_hull():
    target = fill_polygon(DIAMOND, 200, 200)
    overlaps = [iou(blend(SQUARE, DIAMOND, s).render(200, 200), target) for s in (0, 0.5, 1)]
    assert overlaps[0] == pytest.approx(0.5, abs=0.03)
    assert overlaps[0] < overlaps[1] < overlaps[2]
    assert overlaps[2] > 0.95


def test_the_filled_hull_of_a_ring_has_no_hole():
    ring = np.ones((20, 20), bool)
    ring[5:15, 5:15] = False
    assert filled_hull(ring).all()


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(1, 2**16 - 1),
)
def test_any_hull_and_mask_give_a_mask_near_both(points, bits):
    hull = np.array(points)
    bitmap = np.array([bits >> i & 1 for i in range(16)], bool).reshape(4, 4)
    for fitted in (bend(Mask((0, 0, 1, 1), bitmap), hull), blend(SQUARE, hull, 0.5)):
        assert fitted.bitmap.any()
        assert -0.2 <= min(fitted.box) <= max(fitted.box) <= 1.2
