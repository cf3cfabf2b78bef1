"""What was composed is composed again with its masks moved, with the studio's own models."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import UNLABELED, value_of
from segmentation.moves import Move, read_moves
from tests.trecs.finished import canvas_of, image_of, placements_of, regions_of
from trecs import Result, TReCS
from trecs.narrative import Narrative, from_text
from trecs.picture_record import read_picture_record
from trecs.recomposing import repainted_above

SIZE = 64


@pytest.fixture(scope="module")
def studio(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture(scope="module")
def drawn(studio: TReCS) -> Result:
    return studio(from_text("a brown dog on the grass under a blue sky"), 9, size=SIZE)


def region_of(result: Result, name: str) -> int:
    return [region.label for region in regions_of(result)].index(value_of(name))


def where(result: Result, name: str) -> np.ndarray:
    return canvas_of(result).label_map == value_of(name)


def test_a_moved_mask_is_elsewhere_and_all_else_stays(studio: TReCS, drawn: Result) -> None:
    dog = region_of(drawn, "dog")
    moved = studio.recompose(drawn, [Move(dog, shift=(8 / SIZE, 0))])
    before, after = where(drawn, "dog"), where(moved, "dog")
    assert before.any()
    # What leaves the canvas is cut off, and what nobody saw beyond its edges comes in.
    np.testing.assert_array_equal(after[:, 8:], before[:, :-8])
    elsewhere = ~before & ~after
    np.testing.assert_array_equal(
        canvas_of(moved).label_map[elsewhere], canvas_of(drawn).label_map[elsewhere]
    )
    assert image_of(moved).shape == image_of(drawn).shape
    assert not np.array_equal(image_of(moved), image_of(drawn))
    assert moved.narrative is drawn.narrative
    assert moved.regions is drawn.regions
    assert moved.picture_seed == drawn.picture_seed


def test_moves_replace_one_another_and_none_bring_the_composition_back(
    studio: TReCS, drawn: Result
) -> None:
    once = studio.recompose(drawn, [Move(0, shift=(0.1, 0.1))])
    twice = studio.recompose(once, [Move(0, shift=(0.2, 0))])
    assert canvas_of(twice).equals(canvas_of(studio.recompose(drawn, twice.moves)))
    back = studio.recompose(twice, [])
    assert canvas_of(back).equals(canvas_of(drawn))
    np.testing.assert_array_equal(image_of(back), image_of(drawn))


def test_the_result_tells_what_was_moved(studio: TReCS, drawn: Result) -> None:
    dog, grass = region_of(drawn, "dog"), region_of(drawn, "grass")
    assert drawn.to_json()["moves"] == []
    moves = [Move(dog, scale=(0.5, 0.5), turn=90), Move(grass, deleted=True)]
    moved = studio.recompose(drawn, moves)
    record = json.loads(json.dumps(moved.to_json()))
    assert list(read_moves(record["moves"])) == moves
    assert grass not in [placed["region"] for placed in record["placements"]]
    placed = next(placed for placed in record["placements"] if placed["region"] == dog)
    own = placements_of(moved)[dog]
    assert own is not None
    assert placed["box"] == pytest.approx(own.mask.box, abs=1e-3)
    archive = zipfile.ZipFile(io.BytesIO(moved.to_zip()))
    arrays = np.load(io.BytesIO(archive.read("masks.npz")))
    assert grass not in arrays["regions"]
    assert json.loads(archive.read("result.json"))["moves"] == record["moves"]


def test_colours_follow_what_is_moved_and_not_what_has_another_label(
    studio: TReCS, drawn: Result
) -> None:
    dog = region_of(drawn, "dog")
    moved = studio.recomposed(drawn, size=SIZE, moves=[Move(dog, shift=(8 / SIZE, 0))])
    told = moved.told_colours
    assert told is not None
    brown = [c for r in regions_of(drawn) if r.label == value_of("dog") for c in r.colours]
    number = told.colours.index(tuple(brown))
    np.testing.assert_array_equal(told.numbers == number, where(moved, "dog"))
    gone = studio.recomposed(drawn, size=SIZE, moves=[Move(dog, deleted=True)])
    assert gone.told_colours is None or tuple(brown) not in [
        gone.told_colours.colours[i] for i in set(gone.told_colours.numbers.ravel()) - {255}
    ]


def test_paint_lies_above_what_is_moved(studio: TReCS, drawn: Result) -> None:
    paint = np.full((SIZE, SIZE), UNLABELED, np.uint8)
    paint[:10, :10] = value_of("snow")
    dog = region_of(drawn, "dog")
    moves = [Move(dog, copy=1, order=99, scale=(2, 2)), Move(dog, shift=(8 / SIZE, 0))]
    composed = studio.recomposed(drawn, size=SIZE, moves=moves)
    painted = repainted_above(composed, paint, UNLABELED)
    assert (canvas_of(painted).label_map[:10, :10] == value_of("snow")).all()
    np.testing.assert_array_equal(
        canvas_of(painted).label_map[10:], canvas_of(composed).label_map[10:]
    )
    assert painted.moves == tuple(moves)
    assert painted.painted > 0
    # And once more moved, on what was composed before anything was painted.
    again = studio.recomposed(painted, size=SIZE, moves=[])
    assert canvas_of(again).equals(canvas_of(drawn))
    with pytest.raises(InputError, match="another size"):
        repainted_above(composed, paint[:5], UNLABELED)


def test_a_picture_remembers_what_was_moved(studio: TReCS, drawn: Result) -> None:
    dog = region_of(drawn, "dog")
    moved = studio.recompose(drawn, [Move(dog, shift=(8 / SIZE, 0), label=value_of("cow"))])
    record = read_picture_record(moved.picture_png())
    assert record.moves == moved.moves
    again = studio.redrawn(record)
    assert canvas_of(again).equals(canvas_of(moved))
    assert again.moves == moved.moves
    assert again.painted == 0
    np.testing.assert_array_equal(image_of(again), image_of(moved))


def test_moves_of_what_is_not_there_are_refused(studio: TReCS, drawn: Result) -> None:
    with pytest.raises(InputError, match="region 9"):
        studio.recompose(drawn, [Move(9)])
    with pytest.raises(InputError, match="compose it from words first"):
        studio.recompose(Result(Narrative(())), [Move(0)])
