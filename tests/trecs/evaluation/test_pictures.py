import numpy as np
import pytest
import torch

from segmentation.canvas import Canvas
from trecs.data.scenes import Scene
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips
from trecs.evaluation.pictures import BATCH, Measured, between_seeds, measure, table
from trecs.trunks.efficientnet import EfficientNetLite

COUNT = BATCH + 1


@pytest.fixture(scope="module")
def likeness() -> ShiftTolerantLpips:
    torch.manual_seed(0)
    network = ShiftTolerantLpips().eval().requires_grad_(False)
    for head in network.heads:
        head.fill_(1.0)
    return network


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    photos = np.random.default_rng(0).integers(256, size=(COUNT, 32, 32, 3)).astype(np.uint8)
    canvas = Canvas(np.zeros((32, 32), np.uint8), np.zeros((32, 32), np.int32))
    return [Scene("coco" if i < 5 else "flickr", photo, canvas) for i, photo in enumerate(photos)]


def test_measures_each_picture_beside_its_own_photo(
    scenes: list[Scene], likeness: ShiftTolerantLpips
):
    torch.manual_seed(0)
    painters = {
        "itself": lambda i, seed: scenes[i].photo,
        "grey": lambda i, seed: np.full_like(scenes[i].photo, 128),
    }
    eyes = EfficientNetLite().eval().requires_grad_(False)
    real, drawn = measure(scenes, painters, eyes, likeness)
    assert len(real.features) == len(drawn["grey"].features) == COUNT
    assert np.array_equal(real.features, drawn["itself"].features)
    assert drawn["itself"].distances == [0] * COUNT
    assert min(drawn["grey"].distances) > 0.1


def test_between_seeds_is_the_mean_over_pairs(scenes: list[Scene], likeness: ShiftTolerantLpips):
    seen = [likeness.seen(scene.photo[None]) for scene in scenes[:2]]
    distance = likeness.between(*seen).item()
    # Seeds 0 and 1 draw photo 0, seed 2 photo 1: one pair of three is the same.
    means = between_seeds(lambda i, seed: scenes[i + seed // 2].photo, [0], 3, likeness)
    assert means == [pytest.approx(distance * 2 / 3)]


def test_table():
    real = Measured([np.array([0.0]), np.array([2.0]), np.array([0.0]), np.array([2.0])])
    row = Measured([np.array([3.0]), np.array([5.0]), np.array([3.0]), np.array([5.0])])
    row.distances = [0.25] * 4
    lines = table(
        real, {"grey": row}, ["coco", "coco", "flickr", "flickr"], "EffLite2-"
    ).splitlines()
    assert lines[0].startswith("| pictures | EffLite2-FID | coco (2) | flickr (2) | EffLite2-KID")
    # The means are 3 apart and the variances the same; the kernel is (xy + 1)^3.
    assert lines[2].startswith("| grey | 9.0 | 9.0 | 9.0 | ")
    assert lines[2].endswith("| 0.250 (0.250-0.250) |  |")
    row.between_seeds = [0.1, 0.2]
    assert table(real, {"grey": row}, ["coco"] * 4, "").endswith("| 0.150 |")
