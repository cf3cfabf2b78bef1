from dataclasses import replace

import numpy as np

from segmentation.canvas import Canvas
from segmentation.colours import hex_of
from segmentation.labels import value_of
from trecs.alignment.regions import Region
from trecs.interface.recolouring import alike, recoloured
from trecs.narrative import from_text
from trecs.result import Result

BUS = value_of("bus")
CANVAS = Canvas(np.full((8, 8), BUS, np.uint8), np.ones((8, 8), np.int32))
TOLD = from_text("a bus")
DRAWN = Result(
    TOLD,
    regions=(Region(BUS, 0, 2),),
    canvas=CANVAS,
    image=np.zeros((8, 8, 3), np.uint8),
    picture_seed=3,
    seconds={"compose": 1.0, "synthesize": 2.0},
)


def test_other_colours_leave_the_canvas_and_take_the_picture() -> None:
    green = TOLD.coloured({"bus": "#1e8c3a"})
    after = recoloured(replace(DRAWN, composed=DRAWN), green)
    assert after.canvas is CANVAS
    assert after.image is None
    assert after.picture_seed is None
    assert after.seconds == {"compose": 1.0}
    assert after.composed is not None
    for one in (after, after.composed):
        assert one.told_colours is not None
        assert [hex_of(lab) for (lab,) in one.told_colours.colours] == ["#1e8c3a"]
    assert recoloured(after, TOLD).told_colours is None


def test_another_seed_leaves_the_canvas_and_takes_the_picture_too() -> None:
    other = TOLD.seeded({"bus": 4, "tree": 5})
    after = recoloured(replace(DRAWN, composed=DRAWN), other)
    assert after.canvas is CANVAS
    assert after.image is None
    assert after.told_seeds is not None
    assert after.told_seeds.seeds == (4,)
    assert after.narrative.seeds == {1: 4, "tree": 5}
    assert recoloured(after, TOLD).told_seeds is None


def test_the_same_colours_or_other_words_change_nothing() -> None:
    assert recoloured(DRAWN, TOLD) is DRAWN
    assert recoloured(DRAWN, from_text("a cow").coloured({"cow": "red"})) is DRAWN


def test_what_is_alike() -> None:
    assert alike(TOLD, TOLD.coloured({"bus": "red"}).seeded({"bus": 3}))
    assert not alike(TOLD, from_text("a cow"))
    assert not alike(TOLD, TOLD.labelled({1: "car"}))
