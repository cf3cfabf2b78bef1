from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from files.errors import InputError
from retrieval import shapes
from retrieval.families import FAMILIES, USED_LABELS, relatives
from retrieval.shapes import SIDE, ShapeConfig, ShapeModel, deformed, distance_field
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


def test_a_deformation_changes_the_outline_with_its_strength_and_keeps_the_body():
    bitmap = ellipses(1, np.random.default_rng(0))[0]
    field = distance_field(bitmap)
    near, far = (
        np.mean([iou(bitmap, deformed(field, DOG, s, np.random.default_rng(i))) for i in range(12)])
        for s in (0.3, 1.5)
    )
    assert far < near - 0.05
    assert near > 0.85
    assert far > 0.5
    stiff = [
        iou(bitmap, deformed(field, value_of("car"), 1.5, np.random.default_rng(i)))
        for i in range(12)
    ]
    assert np.mean(stiff) > far + 0.02


def test_a_deformed_thing_is_one_piece_without_small_holes_and_stuff_keeps_its_parts():
    bitmap = np.zeros((SIDE, SIDE), bool)
    bitmap[8:60, 4:40] = True
    bitmap[20:24, 20:24] = False
    bitmap[4:12, 52:60] = True
    thing, stuff = (
        deformed(distance_field(bitmap), label, 0.0, np.random.default_rng(0))
        for label in (DOG, SKY)
    )
    assert thing.mean() > 0.93
    assert cv2.connectedComponents(stuff.astype(np.uint8))[0] == 3
    assert not stuff[20:40, -4:].any()


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


def test_a_wanted_aspect_is_preferred():
    bitmaps = np.zeros((2, SIDE, SIDE), bool)
    bitmaps[0, :, 20:44] = bitmaps[0, 20:44] = True  # a cross, shown wide
    bitmaps[1] = True
    model = ShapeModel(
        ShapeConfig.tiny(), bitmaps, np.full(2, DOG, np.uint8), np.array([2, 0.5], np.float32)
    )
    made = model.sample(np.full(12, DOG), np.random.default_rng(0), np.full(12, 0.6))
    assert min(bitmap.mean() for bitmap in made) > 0.75


def test_a_label_without_any_silhouette_is_an_error():
    model = replace(shape_model(), labels=np.full(3 * len(USED_LABELS), SKY, np.uint8))
    with pytest.raises(InputError, match="no shape of 'person'"):
        model.sample(np.array([PERSON]), np.random.default_rng(0))


def test_save_and_load(tmp_path):
    model = shape_model()
    shapes.save(model, tmp_path)
    loaded = shapes.load(tmp_path)
    assert loaded.config == model.config
    assert (loaded.labels == model.labels).all()
    assert (loaded.bitmaps == model.bitmaps).all()
    np.testing.assert_allclose(loaded.aspects, model.aspects, rtol=1e-3)
    save_file({"labels": torch.zeros(3, dtype=torch.uint8)}, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match="no bank of silhouettes"):
        shapes.load(tmp_path)


def test_the_bundled_model_knows_every_label(checkpoints):
    model = shapes.load(checkpoints / "shapes")
    assert set(model.labels.tolist()) == set(USED_LABELS)
    made = model.sample(np.array(USED_LABELS), np.random.default_rng(0))
    assert len(made) == 171
    assert all(bitmap.any() for bitmap in made)
