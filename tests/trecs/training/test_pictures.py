import numpy as np
import torch

from segmentation.canvas import Canvas
from trecs.generators.appearance import paint
from trecs.generators.condition import Condition
from trecs.training.pictures import (
    Patches,
    Picture,
    appearances,
    looks_of,
    to_pixels,
    to_tensor,
)


def picture() -> Picture:
    rng = np.random.default_rng(0)
    labels = np.full((96, 128), 120, np.uint8)
    labels[20:80, 30:90] = 17
    canvas = Canvas(labels, (labels == 17).astype(np.int32))
    photo = rng.integers(0, 256, (96, 128, 3)).astype(np.uint8)
    return Picture.of(photo, canvas)


def test_a_patch_keeps_the_places_of_the_whole_picture():
    rng = np.random.default_rng(1)
    for _ in range(20):
        patch = picture().patch(rng, 32)
        assert patch.photo.shape == (32, 32, 3)
        assert patch.canvas.label_map.shape == (32, 32)
        thing = patch.canvas.label_map == 17
        assert patch.places.shape == (32, 32, 2)
        if thing.all():  # cut from the inside of the thing
            assert np.ptp(patch.places[..., 0].astype(float)) < 1.5


def test_mirrored_patches_mirror_their_places():
    whole = picture()
    for seed in range(10):
        patch = whole.patch(np.random.default_rng(seed), 96, zoom=1.0)
        across = patch.places[..., 1].astype(float)
        row = across[50][patch.canvas.label_map[50] == 17]
        assert (np.diff(row) >= 0).all()  # from left to right, mirrored or not


def test_appearances_are_those_of_large_regions():
    whole = picture()
    labels, looks, areas = appearances([whole], smallest=64)
    assert areas[labels == 17].tolist() == [3600]
    assert sorted(labels.tolist()) == [17, 120]
    regions = whole.looks[[whole.regions[50, 50], whole.regions[0, 0]]]
    np.testing.assert_array_equal(looks[[*labels].index(17)], regions[0])
    np.testing.assert_array_equal(looks[[*labels].index(120)], regions[1])
    assert len(appearances([whole], smallest=5000)[0]) == 1


def test_a_patch_is_painted_like_its_place_in_the_picture():
    whole = picture()
    painting = _painted(whole)
    for seed in range(6):
        patch = whole.patch(np.random.default_rng(seed), 96, zoom=1.0)
        expected = [painting[:, :, left : left + 96] for left in range(33)]
        expected += [piece.flip(2) for piece in expected]
        least = min(float((_painted(patch) - piece).abs().max()) for piece in expected)
        assert least < 0.01


def test_batches_keep_each_pictures_looks():
    patches = Patches([picture(), picture()], 32, 2, seed=0)
    _, condition, looks = patches[0]
    assert looks.rows.shape == condition.labels.shape
    assert looks.rows[0].max() < looks.rows[1].min()
    assert looks.rows.max() < len(looks.values)


def _painted(picture: Picture) -> torch.Tensor:
    condition, looks = Condition.of(picture.canvas, places=[picture.places]), looks_of([picture])
    return paint(looks.values, looks.rows, condition.places)[0]


def test_pixels_survive_the_way_to_tensors_and_back():
    photos = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    assert (to_pixels(to_tensor(photos)) == photos).all()
    assert torch.equal(to_tensor(photos[:1] * 0), torch.full((1, 3, 5, 6), -1.0))
