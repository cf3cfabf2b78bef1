import numpy as np

from segmentation.filling import filled, nearest
from segmentation.labels import UNLABELED, value_of

SKY, GRASS, WALL = (value_of(name) for name in ("sky-other", "grass", "wall-brick"))


def test_nearest_takes_the_closest_known_label():
    label_map = np.zeros((1, 5), np.uint8)
    label_map[0, [0, 4]] = 7, 9
    assert nearest(label_map, label_map > 0).tolist() == [[7, 7, 7, 9, 9]] or nearest(
        label_map, label_map > 0
    ).tolist() == [[7, 7, 9, 9, 9]]


def test_a_full_map_stays_as_it_is():
    full = np.full((16, 16), GRASS, np.uint8)
    assert filled(full, None) is full


def test_a_sky_does_not_grow_below_a_ground():
    label_map = np.full((100, 100), UNLABELED, np.uint8)
    label_map[:20] = SKY
    label_map[45:50] = GRASS
    covered = filled(label_map, None)
    assert (covered[50:] == GRASS).all()
    assert (covered[:20] == SKY).all()
    # In the gap both grow against their ways, so that they meet in its middle.
    assert abs(int((covered[:, 50] == SKY).sum()) - 32) <= 2


def test_the_background_is_taken_away_from_the_users_regions():
    label_map = np.full((100, 100), UNLABELED, np.uint8)
    label_map[:20] = SKY
    covered = filled(label_map, np.full((100, 100), WALL, np.uint8))
    assert (covered[40:] == WALL).all()
    assert (covered[:20] == SKY).all()
