from dataclasses import replace

import numpy as np
import pytest

from retrieval.choice import SHOWN, choose
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.placing import hull_mask, place
from retrieval.query import MAX_STRETCH, Query, hull_box
from segmentation.labels import value_of
from segmentation.masks import Mask, fill_polygon, iou
from tests.retrieval.scenes import DOG, PERSON, SEA, SKY, disc, write

CIRCLE = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)])
SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
# No plain loop, so that its shape is believed.
CUT_SQUARE = np.array([[-1.0, -0.2], [-0.3, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return write(tmp_path_factory.mktemp("libraries") / "library")


def at(shape, x, y, width, height):
    return shape * (width / 2, height / 2) + (x, y)


def test_the_mask_of_the_hulls_shape_is_best(library):
    scenes = [(0, 0.5), (1, 0.5)]
    (round_dog,) = choose(library, scenes, [Query(DOG, at(CIRCLE, 0.5, 0.5, 0.3, 0.3))])
    assert round_dog.candidates[0].mask == 5
    assert round_dog.candidates[0].overlap > 0.9
    (square_dog,) = choose(library, scenes, [Query(DOG, at(CUT_SQUARE, 0.5, 0.5, 0.2, 0.3))])
    assert square_dog.candidates[0].mask == 2
    assert [c.mask for c in square_dog.candidates] == [2, 5]
    assert square_dog.candidates[0].score > square_dog.candidates[1].score


def test_the_scenes_similarity_decides_between_equals(library):
    query = Query(SKY, at(SQUARE, 0.5, 0.2, 1.0, 0.4))
    for first, second in ((0, 1), (1, 0)):
        (choice,) = choose(library, [(first, 0.9), (second, 0.2)], [query])
        assert choice.candidates[0].scene == first
        assert choice.candidates[0].context == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("scenes", "label", "widened"),
    [
        ([1], SEA, "retrieved scenes"),
        ([0, 1], SEA, "more scenes"),
        ([0], SEA, "whole library"),
        ([0], value_of("zebra"), "hull itself"),
    ],
)
def test_the_search_widens_where_a_label_is_lacking(library, monkeypatch, scenes, label, widened):
    monkeypatch.setattr("retrieval.choice.RETRIEVED", 1)
    query = Query(label, at(SQUARE, 0.5, 0.7, 1.0, 0.6))
    (choice,) = choose(library, [(scene, 0.5) for scene in scenes], [query])
    assert choice.widened == widened


def test_of_many_masks_those_of_like_aspect_ratio_and_of_the_scenes_are_examined(
    tmp_path, monkeypatch
):
    rng = np.random.default_rng(0)
    boxes = [(0.0, 0.0, *rng.uniform(0.1, 1.0, 2)) for _ in range(300)]
    with LibraryWriter(tmp_path / "l") as writer:
        for box in boxes:
            writer.append_scene("one", [(DOG, Mask(box, disc()))])
        writer.finish("")
    library = SceneLibrary.open(tmp_path / "l")
    query = Query(DOG, at(SQUARE, 0.5, 0.5, 0.6, 0.3))
    (everything,) = choose(library, [], [query])
    monkeypatch.setattr("retrieval.choice.EXAMINED", 20)
    monkeypatch.setattr("retrieval.choice.FITTING", 2.0)
    (few,) = choose(library, [], [query])
    assert [c.mask for c in few.candidates] == [c.mask for c in everything.candidates]
    tall = min(range(300), key=lambda i: boxes[i][2] / boxes[i][3])
    (near,) = choose(library, [(tall, 100.0)], [query])
    # The whole library was searched, but the mask is one of the retrieved scene.
    assert [c.widened for c in near.candidates] == ["retrieved scenes"] + ["whole library"] * 7
    assert near.widened == "retrieved scenes"
    assert replace(near, selected=1).widened == "whole library"
    assert [c.mask for c in near.candidates] == [tall, *(c.mask for c in few.candidates[:7])]


def test_the_hull_itself_is_the_last_resort(library):
    hull = at(CIRCLE, 0.5, 0.5, 0.4, 0.2)
    (choice,) = choose(library, [], [Query(value_of("zebra"), hull)])
    assert [c.mask for c in choice.candidates] == [-1]
    placed = place(library, choice)
    assert placed.source == -1
    assert iou(placed.mask.render(100, 100), fill_polygon(hull, 100, 100)) > 0.92


def test_regions_of_one_label_get_different_masks(library):
    query = Query(DOG, at(SQUARE, 0.5, 0.5, 0.2, 0.3))
    choices = choose(library, [(2, 0.5)], [query] * 10)
    chosen = [c.candidates[c.selected].mask for c in choices]
    assert len(set(chosen[:SHOWN])) == SHOWN
    assert all(len(c.candidates) == SHOWN for c in choices)
    assert all(len({k.mask for k in c.candidates}) == SHOWN for c in choices)


def test_a_placed_thing_meets_its_hull_and_keeps_its_legs(library):
    hull = at(SQUARE, 0.6, 0.4, 0.4, 0.6)
    (choice,) = choose(library, [(0, 1.0)], [Query(DOG, hull)])
    placed = place(library, choice)
    full = placed.mask.render(200, 200)
    assert (placed.label, placed.source) == (DOG, choice.candidates[choice.selected].mask)
    assert hull_box(np.argwhere(full)[:, ::-1] / 200) == pytest.approx(
        (0.4, 0.1, 0.8, 0.7), abs=0.02
    )
    assert not full[130, 120]
    assert full[130, 90]


def test_a_thing_is_stretched_within_limits(library):
    hull = at(SQUARE, 0.5, 0.5, 0.9, 0.1)
    (choice,) = choose(library, [(1, 1.0)], [Query(PERSON, hull)])
    left, top, right, bottom = choice.candidates[0].box
    natural = 0.2 / 0.7
    assert (right - left) / (bottom - top) == pytest.approx(natural * MAX_STRETCH, rel=1e-3)
    assert (right - left) * (bottom - top) == pytest.approx(0.09)
    assert bottom == pytest.approx(0.55)


def test_placed_stuff_fills_its_hull(library):
    hull = at(CIRCLE, 0.5, 0.3, 0.8, 0.4)
    (choice,) = choose(library, [(0, 1.0)], [Query(SKY, hull)])
    placed = place(library, choice).mask
    assert iou(placed.render(100, 100), fill_polygon(hull, 100, 100)) > 0.85


@pytest.mark.parametrize(
    "hull", [[[0.5, 0.5]], [[0.1, 0.2], [0.8, 0.2]], [[0.3, 0.1], [0.3, 0.1], [0.3, 0.9]]]
)
def test_degenerate_hulls_have_a_box_and_a_mask(library, hull):
    query = Query(DOG, np.array(hull))
    left, top, right, bottom = hull_box(query.hull)
    assert right - left >= 0.0099
    assert bottom - top >= 0.0099
    assert isinstance(hull_mask(query.hull), Mask)
    (choice,) = choose(library, [(0, 1.0)], [query])
    assert place(library, choice).mask.render(64, 64).any()
