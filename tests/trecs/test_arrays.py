import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED, is_thing, value_of
from tests.trecs.finished import canvas_of, image_of, placements_of, regions_of
from trecs import Result, TReCS
from trecs.interface.examples import example
from trecs.narrative import Narrative


@pytest.fixture(scope="module")
def trecs(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture(scope="module")
def result(trecs: TReCS) -> Result:
    return trecs(example("beach"), 3)


def array(result: Result, name: str) -> np.ndarray:
    return result.arrays()[name]


def test_words_and_trace_are_on_one_clock(result: Result):
    times, trace = result.word_times, result.trace
    assert times.shape == (len(result.narrative.words), 2)
    assert (times[:, 0] <= times[:, 1]).all()
    assert trace.shape == (sum(map(len, result.narrative.strokes)), 4)
    assert trace[:, 3].tolist() == sorted(trace[:, 3])
    assert np.array_equal(trace[trace[:, 3] == 2, :3], result.narrative.strokes[2])


def test_a_region_is_a_row(result: Result):
    regions = regions_of(result)
    assert array(result, "region_labels").tolist() == [region.label for region in regions]
    spans = array(result, "region_words")
    assert spans.shape == (len(regions), 2)
    assert (spans[:, 0] < spans[:, 1]).all()
    starts, hulls = array(result, "hull_starts"), array(result, "hulls")
    for i, region in enumerate(regions):
        assert np.array_equal(hulls[starts[i] : starts[i + 1]], region.hull)
    assert array(result, "predicted").tolist() == [region.predicted for region in regions]


def test_scenes_are_found_by_the_query(trecs: TReCS, result: Result):
    query, numbers = array(result, "query"), array(result, "scene_numbers")
    assert query.dtype == np.float32
    assert numbers.dtype == np.int64
    inner = trecs.library.embeddings[numbers].astype(np.float32) @ query
    assert inner == pytest.approx(array(result, "similarities"), abs=2e-3)
    assert (np.diff(array(result, "similarities")) <= 0).all()
    assert trecs.library.label_map(numbers[0], 64).shape == (64, 64)


def test_candidates_are_ranked_and_placed(result: Result):
    assert result.retrieval is not None
    ids, scores = array(result, "candidates"), array(result, "candidate_scores")
    assert scores.shape == (*ids.shape, 3)
    for row, told, choice in zip(ids, scores, result.retrieval.choices, strict=True):
        count = len(choice.candidates)
        assert row[:count].tolist() == [candidate.mask for candidate in choice.candidates]
        assert told[:count, 1] == pytest.approx([c.overlap for c in choice.candidates])
        assert (row[count:] == -1).all()
        assert np.isnan(told[count:]).all()


def test_of_a_mask_no_more_is_visible_than_there_is(result: Result):
    masks, visible, label_map = (array(result, n) for n in ("masks", "visible", "label_map"))
    assert masks.shape == visible.shape == (len(regions_of(result)), 256, 256)
    assert masks.dtype == visible.dtype == bool
    for mask, seen, region in zip(masks, visible, regions_of(result), strict=True):
        assert seen.any()
        assert (label_map[seen] == region.label).all()
        if not is_thing(region.label):
            assert not (seen & ~mask).any()
    boxes = array(result, "boxes")
    for mask, (left, top, right, bottom) in zip(masks, boxes * 256, strict=True):
        rows, columns = np.nonzero(mask)
        assert (rows.min(), columns.min()) == pytest.approx((max(top, 0), max(left, 0)), abs=1)
        assert (rows.max(), columns.max()) == pytest.approx(
            (min(bottom, 256), min(right, 256)), abs=2
        )


def test_what_was_painted_over_has_an_empty_mask_and_is_visible_as_composed(result: Result):
    painted = result.repainted(np.full((256, 256), value_of("sky-other"), np.uint8))
    gone = sorted(painted.painted_over)
    assert gone
    assert not array(painted, "masks")[gone].any()
    assert np.isnan(array(painted, "boxes")[gone]).all()
    assert np.array_equal(array(painted, "visible"), array(result, "visible"))


def test_all_are_kept_by_numpy(result: Result):
    file = io.BytesIO()
    np.savez_compressed(file, **result.arrays())  # type: ignore[arg-type]
    kept = np.load(io.BytesIO(file.getvalue()))
    assert np.array_equal(kept["image"], image_of(result))
    assert np.array_equal(kept["instance_map"], canvas_of(result).instance_map)
    assert kept["probabilities"].shape == (len(result.narrative.words), 182)
    assert len(placements_of(result)) == len(kept["masks"])


def test_each_stage_adds_its_own(trecs: TReCS):
    told = [set(one.arrays()) for one in trecs.stages(example("beach"), 3)]
    assert told[0] == {"word_times", "trace", "labels", "probabilities"}
    added = [later - before for before, later in pairwise(told)]
    assert added == [
        {"region_labels", "region_words", "predicted", "hulls", "hull_starts"},
        {"query", "scene_numbers", "similarities", "candidates", "candidate_scores"},
        {"masks", "visible", "boxes", "label_map", "instance_map"},
        {"image"},
    ]


def test_of_what_was_only_painted_there_is_the_canvas():
    label_map = np.full((8, 8), UNLABELED, np.uint8)
    result = Result(Narrative(()), canvas=Canvas(label_map, np.zeros((8, 8), np.int32)))
    assert set(result.arrays()) == {"word_times", "trace", "label_map", "instance_map"}
    assert result.word_times.shape == (0, 2)
    assert result.trace.shape == (0, 4)
    assert result.masks is result.visible is result.hulls is None
