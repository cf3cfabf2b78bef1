from dataclasses import replace

import numpy as np
import pytest

from retrieval import shapes
from retrieval.families import FAMILIES, USED_LABELS, relatives
from retrieval.shapes import SIDE, distance_field
from segmentation.errors import InputError
from segmentation.labels import value_of
from segmentation.masks import iou
from tests.retrieval.models import DOG, PERSON, SKY, ellipses, shape_model


def test_every_used_label_has_one_family():
    members = [name for family in FAMILIES.values() for name in family]
    assert sorted(map(value_of, members)) == list(USED_LABELS)
    assert len(USED_LABELS) == 171
    assert value_of("cat") in relatives(DOG)
    assert relatives(PERSON) == ()


def test_the_distance_field_is_positive_inside_and_grows_with_depth():
    bitmap = np.zeros((SIDE, SIDE), bool)
    bitmap[16:48, 16:48] = True
    field = distance_field(bitmap)
    assert ((field > 0) == bitmap).all()
    assert field[32, 32] > field[20, 32] > field[16, 32] > 0 > field[15, 32] > field[0, 32]
    assert field[32, 32] == pytest.approx(np.tanh(16 / 8), abs=0.02)


def test_a_code_keeps_the_silhouette():
    bitmaps = ellipses(8, np.random.default_rng(0))
    model = shape_model()
    decoded = model.decode(model.codes[:8]) > 0
    assert np.mean([iou(a, b) for a, b in zip(decoded, bitmaps, strict=True)]) > 0.8
    np.testing.assert_allclose(
        model.encode(decoded), model.codes[:8], atol=0.25 * np.abs(model.codes).max()
    )


def test_samples_fill_their_box_and_differ():
    model = shape_model()
    labels = np.array([PERSON] * 4 + [SKY])
    made = model.sample(labels, np.random.default_rng(1), np.array([0.5, 1, 1, 2, 2.0]))
    assert len(made) == 5
    for bitmap in made:
        assert bitmap.shape == (SIDE, SIDE)
        assert bitmap.dtype == bool
        assert 0.3 < bitmap.mean() < 1
        assert all(side.any() for side in (bitmap[0], bitmap[-1], bitmap[:, 0], bitmap[:, -1]))
    assert 0.3 < iou(made[1], made[2]) < 0.98
    again = model.sample(labels, np.random.default_rng(1), np.array([0.5, 1, 1, 2, 2.0]))
    assert all((a == b).all() for a, b in zip(made, again, strict=True))


def test_a_label_without_codes_borrows_its_familys_and_a_family_without_any_is_an_error():
    whole = shape_model()
    kept = whole.labels != DOG
    model = replace(
        whole,
        codes=whole.codes[kept],
        labels=whole.labels[kept],
        aspects=whole.aspects[kept],
        typical=whole.typical[kept],
    )
    assert len(model.sample(np.array([DOG]), np.random.default_rng(0))) == 1
    model = replace(model, labels=np.full_like(model.labels, SKY))
    with pytest.raises(InputError, match="no shape of 'person'"):
        model.sample(np.array([PERSON]), np.random.default_rng(0))


def test_save_and_load(tmp_path):
    model = shape_model()
    shapes.save(model, tmp_path)
    loaded = shapes.load(tmp_path)
    assert loaded.config == model.config
    assert (loaded.labels == model.labels).all()
    np.testing.assert_allclose(loaded.codes, model.codes, rtol=2e-3, atol=1e-3)
    (tmp_path / "config.json").write_text('{"kind": "shapes", "format": 1, "latent": 7}')
    with pytest.raises(InputError, match=r"do not fit its config\.json"):
        shapes.load(tmp_path)


def test_the_bundled_model_knows_every_label(checkpoints):
    model = shapes.load(checkpoints / "shapes")
    made = model.sample(np.array(USED_LABELS), np.random.default_rng(0))
    assert len(made) == 171
    assert all(bitmap.any() for bitmap in made)
