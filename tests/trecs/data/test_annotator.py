import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trecs.alignment.regions import align
from trecs.data.annotator import mentions, outline, simulate
from trecs.data.hand import OVERSHOOT, POINTS_PER_SECOND, loop, rounded_box
from trecs.tagging.tagger import Tags

DOG, GRASS, SKY = 17, 123, 156


def box(left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    mask = np.zeros((100, 100), bool)
    mask[top:bottom, left:right] = True
    return mask


def tags(*labels: int) -> NDArray[np.uint8]:
    return np.array(labels, np.uint8)


MASKS = {
    DOG: [box(10, 50, 40, 80), box(60, 60, 80, 80), box(90, 90, 92, 92)],
    GRASS: [box(0, 70, 100, 100), box(0, 0, 20, 20), box(50, 0, 60, 10)],
}


def test_stuff_means_all_its_large_parts():
    (mention,) = mentions(["the", "grass"], tags(GRASS, GRASS), MASKS)
    # 3000 pixels; 400 and 100 are less than a quarter of that.
    assert mention.mask is not None
    assert np.array_equal(mention.mask, MASKS[GRASS][0])


def test_things_are_meant_one_after_the_other_and_then_the_largest_again():
    words = ["dog", "grass"] * 4
    found = mentions(words, tags(*[DOG, GRASS] * 4), MASKS)
    masks = [mention.mask for mention in found[::2] if mention.mask is not None]
    assert [mask.sum() for mask in masks] == [900, 400, 4, 900]


@pytest.mark.parametrize(
    ("word", "pixels"), [("a dog", 900), ("two dogs", 1300), ("many dogs", 1300), ("dogs", 1300)]
)
def test_the_number_meant_is_read_from_the_words(word: str, pixels: int):
    words = word.split()
    (mention,) = mentions(words, tags(*[DOG] * len(words)), MASKS)
    assert mention.mask is not None
    assert mention.mask.sum() == pixels


def test_what_the_photo_does_not_have_is_not_drawn():
    narrative = simulate(["sky", "dog"], tags(SKY, DOG), MASKS, np.random.default_rng(0))
    assert len(narrative.strokes) == 1
    assert narrative.strokes[0][0, 2] == pytest.approx(0.5)


def test_words_last_four_tenths_of_a_second_and_strokes_lie_in_their_time():
    words = "in the field there is a dog on green grass".split()
    labels = tags(*[DOG] * 7, *[GRASS] * 3)
    narrative = simulate(words, labels, MASKS, np.random.default_rng(0))
    assert [(w.text, round(w.start, 3)) for w in narrative.words][:3] == [
        ("in", 0),
        ("the", 0.4),
        ("field", 0.8),
    ]
    dog, grass = narrative.strokes
    assert (dog[0, 2], dog[-1, 2]) == pytest.approx((0.1, 2.7))
    assert (grass[0, 2], grass[-1, 2]) == pytest.approx((2.9, 3.9))
    assert len(dog) == round(2.6 * POINTS_PER_SECOND)
    assert (np.diff(dog[:, 2]) > 0).all()


def test_alignment_gives_every_stroke_back_to_its_run():
    words = "a dog and another dog on grass".split()
    labels = tags(DOG, DOG, GRASS, DOG, DOG, GRASS, GRASS)
    narrative = simulate(words, labels, MASKS, np.random.default_rng(3))
    one = np.eye(182, dtype=np.float32)[labels]
    regions = align(narrative, Tags(labels, one))
    # Both runs of grass were drawn at one place and are one region.
    assert [(r.label, r.start, len(r.strokes)) for r in regions] == [
        (DOG, 0, 1),
        (GRASS, 2, 2),
        (DOG, 3, 1),
    ]
    assert regions[0].hull.mean(0) == pytest.approx([0.25, 0.65], abs=0.05)
    assert regions[2].hull.mean(0) == pytest.approx([0.7, 0.7], abs=0.05)


def test_same_seed_same_trace():
    def trace(seed: int) -> NDArray[np.float64]:
        return simulate(["dog"], tags(DOG), MASKS, np.random.default_rng(seed)).strokes[0]

    assert np.array_equal(trace(1), trace(1))
    assert not np.array_equal(trace(1), trace(2))


def inside(points: NDArray[np.float64], hull: NDArray[np.float64]) -> NDArray[np.bool_]:
    contour = hull.astype(np.float32)
    distances = [cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in points]
    return np.array(distances) > -1e-5


@pytest.mark.parametrize("seed", range(20))
def test_at_most_a_tenth_of_the_points_stray_and_not_far(seed: int):
    hull = outline(MASKS[DOG][0])
    stroke = loop(hull, 0.0, 3.0, np.random.default_rng(seed), stray=0.1)
    assert inside(stroke[:, :2], hull).mean() >= 0.9
    assert stroke[:, :2].min() >= 0.1 - OVERSHOOT
    assert stroke[:, :2].max() <= 0.8 + OVERSHOOT


def test_the_hand_covers_what_it_goes_round():
    hull = outline(MASKS[GRASS][0])
    stroke = loop(hull, 0.0, 1.0, np.random.default_rng(0))
    assert inside(stroke[:, :2], hull).all()
    drawn = cv2.contourArea(cv2.convexHull(stroke[:, :2].astype(np.float32)))
    assert 0.85 * 0.3 < drawn <= 0.3


def test_the_hand_stops_after_three_turns():
    hull = rounded_box((0.4, 0.4, 0.6, 0.6), squareness=2)
    stroke = loop(hull, 0.0, 60.0, np.random.default_rng(0))
    angle = np.unwrap(np.arctan2(stroke[:, 1] - 0.5, stroke[:, 0] - 0.5))
    assert abs(angle[-1] - angle[0]) == pytest.approx(3 * 2 * np.pi, rel=0.01)


def test_outline_of_a_mask_is_its_hull_with_the_pixels_outer_edges():
    mask = box(10, 50, 40, 80) & ~box(20, 60, 30, 70)
    corners = outline(mask)
    assert corners.min(0) == pytest.approx([0.1, 0.5])
    assert corners.max(0) == pytest.approx([0.4, 0.8])


def test_rounded_box_fills_its_box():
    ellipse = rounded_box((0.2, 0.4, 0.6, 0.5), squareness=2)
    assert ellipse.min(0) == pytest.approx([0.2, 0.4], abs=1e-3)
    assert ellipse.max(0) == pytest.approx([0.6, 0.5], abs=1e-3)
    area = cv2.contourArea(ellipse.astype(np.float32))
    assert area == pytest.approx(np.pi / 4 * 0.4 * 0.1, rel=0.01)
    assert cv2.contourArea(
        rounded_box((0.2, 0.4, 0.6, 0.5), squareness=6).astype(np.float32)
    ) == pytest.approx(0.96 * 0.4 * 0.1, rel=0.02)
