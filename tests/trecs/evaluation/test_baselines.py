from pathlib import Path

import numpy as np
from PIL import Image

from trecs.data.dataset import Photo
from trecs.evaluation.baselines import SmallPhotos

DOG, GRASS, SKY = 17, 123, 156


def test_mean_colours_are_over_all_pixels_of_a_label():
    pixels = np.zeros((2, 64, 64, 3), np.uint8)
    labels = np.full((2, 64, 64), GRASS, np.uint8)
    pixels[0], pixels[1, :32] = (10, 200, 30), (40, 80, 30)  # grass: 1 and 1/2 photos
    labels[1, 32:], pixels[1, 32:] = DOG, (100, 0, 7)
    colours = SmallPhotos(pixels, labels).mean_colours()
    assert colours.shape == (256, 3)
    assert colours[GRASS].tolist() == [20, 160, 30]
    assert colours[DOG].tolist() == [100, 0, 7]
    assert colours[SKY].tolist() == [40, 120, 24]  # nowhere: the mean of all pixels


def test_nearest_agrees_at_most_labelled_pixels():
    labels = np.full((3, 64, 64), GRASS, np.uint8)
    labels[1, :32], labels[2, :16] = SKY, SKY
    photos = SmallPhotos(np.zeros((3, 64, 64, 3), np.uint8), labels)
    wanted = np.full((256, 256), GRASS, np.uint8)
    assert photos.nearest(wanted) == 0
    wanted[:130] = SKY
    assert photos.nearest(wanted) == 1
    wanted[:60] = SKY
    wanted[60:] = 255  # agrees with both skies: the first
    assert photos.nearest(wanted) == 1
    labels[:, 60:] = 255  # unlabeled is no agreement
    wanted[:60] = GRASS
    assert photos.nearest(wanted) == 0


def test_photos_are_read_as_their_middle_squares(tmp_path: Path):
    pixels = np.zeros((100, 200, 3), np.uint8)
    labels = np.full((100, 200), GRASS, np.uint8)
    pixels[:, 50:150], labels[:, 50:150] = (250, 0, 0), DOG
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    Image.fromarray(labels).save(tmp_path / "labels.png")
    photo = Photo("coco", "1", tmp_path / "photo.png", tmp_path / "labels.png", False)
    small = SmallPhotos.of([photo])
    assert (small.labels == DOG).all()
    assert (small.pixels == (250, 0, 0)).all()
