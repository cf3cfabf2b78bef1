import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import NAMES, UNLABELED
from tests.trecs.finished import canvas_of, image_of, regions_of
from trecs import TReCS
from trecs.narrative import Narrative, Word, from_text


@pytest.fixture(scope="module")
def studio(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


def circle(x: float, y: float, radius: float, start: float, end: float) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 40)
    times = np.linspace(start, end, 40)
    return np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles), times], 1)


def traced() -> Narrative:
    """A dog at the lower left, grass below, sky above, each drawn while it is named."""
    words = [
        Word(w, i * 0.5, (i + 1) * 0.5) for i, w in enumerate("a dog on green grass sky".split())
    ]
    ground = np.array([[0.02, 0.6, 1.0], [0.98, 0.6, 1.5], [0.98, 0.98, 2.0], [0.02, 0.98, 2.4]])
    sky = np.array([[0.02, 0.02, 2.5], [0.98, 0.02, 2.7], [0.98, 0.35, 2.9], [0.02, 0.35, 3.0]])
    return Narrative(tuple(words), (circle(0.3, 0.7, 0.12, 0, 0.95), ground, sky))


def test_stages_come_one_by_one(studio: TReCS):
    stages = list(studio.stages(traced(), seed=1))
    assert [list(stage.seconds)[-1] for stage in stages] == [
        "tag",
        "align",
        "retrieve",
        "compose",
        "synthesize",
    ]
    filled = [
        sum(part is not None for part in (s.tags, s.regions, s.retrieval, s.canvas, s.image))
        for s in stages
    ]
    assert filled == [1, 2, 3, 4, 5]


def test_things_are_where_they_were_traced(studio: TReCS):
    label_map = canvas_of(studio(traced())).label_map
    rows, columns = np.nonzero(label_map == NAMES.index("dog"))
    assert rows.mean() / 256 == pytest.approx(0.7, abs=0.03)
    assert columns.mean() / 256 == pytest.approx(0.3, abs=0.03)
    assert len(rows) / 256**2 == pytest.approx(np.pi * 0.12**2, rel=0.6)
    assert NAMES[label_map[-10, -10]] == "grass"
    assert NAMES[label_map[20, 128]] in ("sky-other", "clouds")


def test_canvas_is_covered_and_instances_are_things(studio: TReCS):
    canvas = canvas_of(studio(traced()))
    assert (canvas.label_map != UNLABELED).all()
    assert ((canvas.instance_map > 0) == (canvas.label_map < 91)).all()


def test_same_seed_same_result(studio: TReCS):
    first, again, other = (studio(traced(), seed) for seed in (3, 3, 4))
    assert np.array_equal(image_of(first), image_of(again))
    assert np.array_equal(canvas_of(first).label_map, canvas_of(again).label_map)
    assert not np.array_equal(image_of(first), image_of(other))


@pytest.mark.parametrize("size", [128, 200, 320])
def test_size(studio: TReCS, size: int):
    result = studio(traced(), size=size)
    assert image_of(result).shape == (size, size, 3)
    assert canvas_of(result).label_map.shape == (size, size)


def test_what_was_bound_is_where_it_was_bound_to(studio: TReCS):
    told = traced()
    assert [region.sources for region in regions_of(studio(told))] == [(0,), (1,), (2,)]
    regions = regions_of(studio(told.bound({0: 4, 1: 1})))
    found = {NAMES[region.label]: region.sources for region in regions}
    assert (found["dog"], found["grass"]) == ((1,), (0,))


def test_words_alone_lead_to_a_picture(studio: TReCS):
    result = studio(from_text("two cats on a red couch"))
    assert {NAMES[region.label] for region in regions_of(result)} >= {"cat", "couch"}
    assert all(region.predicted for region in regions_of(result))
    assert image_of(result).std() > 0


def test_a_trace_alone_leads_to_a_picture(studio: TReCS):
    result = studio(Narrative((), traced().strokes))
    assert len(regions_of(result)) == 3
    assert not any(region.predicted for region in regions_of(result))
    assert image_of(result).std() > 0


def test_missing_checkpoints_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="No checkpoints"):
        TReCS.from_pretrained(tmp_path / "nowhere")


def test_unknown_generator_is_refused(checkpoints: Path):
    for name in ("large", "../generator", ""):
        if name:
            with pytest.raises(InputError, match="No generator"):
                TReCS.from_pretrained(checkpoints, generator=name)


def test_library_of_another_encoder_is_refused(checkpoints: Path, tmp_path: Path):
    library = tmp_path / "library"
    shutil.copytree(checkpoints / "library", library)
    record = (library / "library.json").read_text()
    fingerprint = TReCS.from_pretrained(checkpoints).encoder.fingerprint
    (library / "library.json").write_text(record.replace(fingerprint, "0" * len(fingerprint)))
    with pytest.raises(InputError, match="another encoder"):
        TReCS.from_pretrained(checkpoints, library=library)


def labels_and_instances(studio: TReCS, text: str) -> dict[str, int]:
    """How many instances of each label are on the canvas of a text; stuff is one."""
    canvas = studio(from_text(text)).canvas
    assert canvas is not None
    pairs = np.stack([canvas.label_map, canvas.instance_map], -1).reshape(-1, 2)
    found: dict[str, int] = {}
    for label, _ in np.unique(pairs, axis=0):
        found[NAMES[label]] = found.get(NAMES[label], 0) + 1
    return found


def test_what_is_said_is_what_appears(studio: TReCS):
    there = labels_and_instances(studio, "two dogs and a cat on a beach without people")
    assert (there["dog"], there["cat"]) == (2, 1)
    assert "sand" in there
    assert "person" not in there
    assert "tree" not in labels_and_instances(studio, "a field with no trees")


def test_a_noun_that_no_label_fits_is_told(studio: TReCS):
    result = studio(from_text("a violin on a bed"))
    assert result.tags is not None
    assert result.tags.unknown == ("violin",)
    assert result.to_json()["unknown"] == ["violin"]


def test_a_noun_that_no_label_fits_is_not_drawn_as_something_else(studio: TReCS):
    angle = np.linspace(0, 6, 40)
    times = np.linspace(20, 22, 40)
    strokes = tuple(
        np.column_stack([x + 0.1 * np.cos(angle), 0.5 + 0.1 * np.sin(angle), times + 3 * i])
        for i, x in enumerate((0.3, 0.7))
    )
    words = "a dragon flies over a house".split()
    narrative = replace(from_text(" ".join(words)), strokes=strokes).bound({0: 1, 1: 5})
    assert [region.sources for region in studio(narrative).regions or ()] == [(1,)]
    dragon, house = studio(narrative.labelled({1: "kite"})).regions or ()
    assert (NAMES[dragon.label], dragon.sources) == ("kite", (0,))
    assert house.sources == (1,)
    alone = studio(from_text("a dragon").labelled({1: "kite"}))
    assert [NAMES[region.label] for region in alone.regions or ()] == ["kite"]
    assert alone.to_json()["unknown"] == []
