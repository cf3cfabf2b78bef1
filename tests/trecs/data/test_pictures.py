from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import palette
from trecs.data.dataset import Photo
from trecs.data.pictures import Picture, to_pixels, to_tensor
from trecs.synthesis.squares import FILM_SHARE, Squares


def picture(*, film: bool = False) -> Picture:
    """A photo whose thing is red and whose stuff is green."""
    labels = np.full((96, 128), 120, np.uint8)
    labels[20:80, 30:90] = 17
    photo = np.zeros((96, 128, 3), np.uint8)
    photo[labels == 17, 0] = photo[labels == 120, 1] = 200
    canvas = Canvas(labels, (labels == 17).astype(np.int32))
    return Picture(photo, canvas, canvas, film)


def test_squares_and_their_canvases_show_the_same():
    rng = np.random.default_rng(1)
    for _ in range(20):
        square = picture().square(rng, 64, 64)
        assert square.photo.shape == (64, 64, 3)
        thing = square.canvas.label_map == 17
        assert (square.canvas.instance_map == thing).all()
        assert np.mean(thing == (square.photo[..., 0] > 100)) > 0.97


@pytest.mark.parametrize("side", [80, 200])
def test_sharp_squares_have_as_many_pixels_as_they_show(side: int):
    """Or, of a photo that has fewer, all that there are."""
    labels = np.tile(np.arange(128, dtype=np.uint8), (96, 1))
    canvas = Canvas(labels, labels.astype(np.int32))
    whole = Picture(np.zeros((96, 128, 3), np.uint8), canvas, canvas)
    for seed in range(20):
        square = whole.square(np.random.default_rng(seed), side, side, sharp=True)
        shown = len(np.unique(square.canvas.label_map))
        assert shown >= min(side, 96)


def test_composed_canvases_are_cut_and_mirrored_alike():
    labels = np.tile(np.arange(96, dtype=np.uint8), (96, 1))
    own, composed = (Canvas(values, values.astype(np.int32)) for values in (labels, labels + 60))
    whole = Picture(np.zeros((96, 96, 3), np.uint8), own, composed)
    batch = Squares([whole] * 2, 8, 16, batch=2, seed=0)[0]
    assert torch.equal(batch.composed.labels, batch.canvases.labels + 60)
    assert torch.equal(batch.composed.instances, batch.canvases.instances + 60)
    first = batch.taken(slice(1))
    assert [len(first.photos), len(first.canvases.labels), len(first.composed.labels)] == [1] * 3


def test_half_of_the_squares_are_mirrored():
    labels = np.tile(np.arange(96, dtype=np.uint8), (96, 1))
    canvas = Canvas(labels, labels.astype(np.int32))
    whole = Picture(np.zeros((96, 96, 3), np.uint8), canvas, canvas)
    rows = [
        whole.square(np.random.default_rng(seed), 8, 8).canvas.label_map[0].astype(int)
        for seed in range(40)
    ]
    assert 10 < sum(row[0] > row[-1] for row in rows) < 30


def test_a_step_has_the_same_squares_every_time_and_frames_of_films_are_rarer():
    pictures = [picture(film=number % 2 == 1) for number in range(20)]
    for number, one in enumerate(pictures):
        one.photo[:] = number
    squares = Squares(pictures, 8, 16, batch=1, seed=0)
    photos, condition, composed, _ = squares[3]
    assert photos.shape == (1, 3, 8, 8)
    assert condition.labels.shape == (1, 16, 16)
    assert torch.equal(composed.labels, condition.labels)
    assert torch.equal(photos, squares[3][0])
    taken = [int(to_pixels(squares[step][0])[0, 0, 0, 0]) % 2 for step in range(300)]
    expected = FILM_SHARE / (1 + FILM_SHARE)
    assert abs(np.mean(taken) - expected) < 0.08


def test_pixels_survive_the_way_to_tensors_and_back():
    photos = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    assert (to_pixels(to_tensor(photos)) == photos).all()
    assert torch.equal(to_tensor(photos[:1] * 0), torch.full((1, 3, 5, 6), -1.0))


def test_a_label_map_in_colours_of_ours_is_read_and_another_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    photo = Photo("coco", "1", path, path, held_back=False)
    labels = np.repeat(np.array([[5, 150], [168, 255]], np.uint8), 4, axis=0)
    Image.fromarray(palette()[labels]).save(path)
    assert np.array_equal(photo.label_map(), labels)
    Image.new("RGB", (4, 4), "lime").save(path)
    with pytest.raises(InputError, match=rf"'{path}': The label map has mode RGB and a colour"):
        photo.label_map()
