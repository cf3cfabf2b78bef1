from dataclasses import replace

import numpy as np
import pytest

from files.errors import InputError
from retrieval import layouts
from retrieval.layouts import MOST_INSTANCES, box_of, numbers_of
from segmentation.labels import is_thing, value_of
from tests.retrieval.models import DOG, GRASS, PERSON, SKY, TREE, layout_model


def test_a_label_set_has_things_first_and_covers_the_picture():
    model, rng = layout_model(), np.random.default_rng(0)
    for _ in range(10):
        labels = model.label_set(rng)
        things = [label for label in labels if is_thing(label)]
        assert labels[: len(things)] == things
        assert {SKY, GRASS, TREE} <= set(labels)
        assert len(set(labels)) == len(labels)


def test_labels_that_hardly_meet_do_not_share_a_picture():
    together = np.zeros((182, 182), np.float32)
    together[PERSON, DOG] = together[DOG, PERSON] = -2
    together[GRASS, 100] = together[100, GRASS] = -2
    model = layout_model()
    model.statistics = replace(model.statistics, together=together)
    rng = np.random.default_rng(0)
    sets = [set(model.label_set(rng)) for _ in range(20)]
    assert not any({PERSON, DOG} <= labels or {GRASS, 100} <= labels for labels in sets)
    assert DOG in model.label_set(rng, DOG)
    assert PERSON not in model.label_set(rng, DOG)


def test_a_wanted_label_is_in_the_set():
    toaster = value_of("toaster")
    assert toaster in layout_model().label_set(np.random.default_rng(0), toaster)


def test_a_given_set_is_completed_with_stuff():
    labels = layout_model().completed([DOG], np.random.default_rng(0))
    assert labels[0] == DOG
    assert {SKY, GRASS} <= set(labels)


def test_boxes_lie_where_the_label_lies():
    boxes = np.array(layout_model().boxes(SKY, 50, np.random.default_rng(0)))
    assert boxes.min() >= 0
    assert boxes.max() <= 1
    assert (boxes[:, 2] - boxes[:, 0]).mean() > 0.9
    assert boxes[:, 3].mean() == pytest.approx(0.5, abs=0.05)
    assert (boxes[:, 0] == 0).mean() > 0.5  # snapped to the edge


def test_what_accompanies_a_person_lies_beside_it():
    person = (0.4, 0.3, 0.6, 0.9)
    left, _, right, bottom = layout_model().beside(DOG, person, np.random.default_rng(0))
    assert abs((left + right) / 2 - 0.5) == pytest.approx(0.4 * 0.6, abs=0.1)
    assert bottom == pytest.approx(0.9, abs=0.1)


def test_counts():
    model, rng = layout_model(), np.random.default_rng(0)
    counts = [model.count(PERSON, rng) for _ in range(300)]
    assert np.mean(counts) == pytest.approx(2.0, abs=0.3)
    assert max(counts) <= MOST_INSTANCES
    assert model.count(SKY, rng) == 1
    placed = model.arrange([PERSON, SKY], rng)
    assert [label for label, _ in placed].count(SKY) == 1


def test_box_numbers_are_inverse_and_boxes_stay_inside():
    box = (0.2, 0.3, 0.6, 0.9)
    assert box_of(np.array(numbers_of(box)), snap=True) == pytest.approx(box)
    far = box_of(np.array([3.0, -1.0, np.log(0.2), np.log(0.2)]), snap=False)
    assert 0 <= far[0] < far[2] <= 1
    assert 0 <= far[1] < far[3] <= 1


def test_save_and_load(tmp_path):
    model = layout_model()
    layouts.save(model, tmp_path)
    loaded = layouts.load(tmp_path)
    assert loaded.config == model.config
    np.testing.assert_allclose(
        loaded.statistics.box_means, model.statistics.box_means, rtol=1e-3, atol=1e-3
    )
    record = (tmp_path / "config.json").read_text().replace('"layout"', '"shapes"')
    (tmp_path / "config.json").write_text(record)
    with pytest.raises(InputError, match="expected a 'layout'"):
        layouts.load(tmp_path)


def test_the_bundled_model_knows_what_stands_on_what(checkpoints):
    support = layouts.load(checkpoints / "layout").statistics.support
    np.testing.assert_allclose(support[:80].sum(1), 1, atol=0.01)
    assert support[DOG, GRASS] > 5 * support[DOG, SKY]
    cup, table = value_of("cup"), value_of("dining-table")
    assert support[cup].argmax() == table
