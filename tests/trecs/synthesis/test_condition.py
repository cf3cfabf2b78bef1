import numpy as np
import torch

from segmentation.canvas import Canvas
from trecs.synthesis.condition import Condition, nearest


def test_unlabeled_becomes_the_last_class():
    labels = np.array([[0, 181], [255, 5]], np.uint8)
    condition = Condition.of(Canvas(labels, np.zeros((2, 2), np.int32)))
    assert condition.labels.tolist() == [[[0, 181], [182, 5]]]


def test_edges_are_where_a_neighbour_differs():
    instances = np.zeros((4, 5), np.int32)
    instances[1:3, 1:3] = 7
    condition = Condition.of(Canvas(np.zeros((4, 5), np.uint8), instances))
    assert condition.edges()[0].int().tolist() == [
        [0, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 0],
        [0, 1, 1, 0, 0],
    ]


def test_nearest_agrees_with_torch():
    values = torch.arange(2 * 8 * 12).view(2, 8, 12)
    for size in ((4, 6), (3, 5), (16, 24)):
        expected = torch.nn.functional.interpolate(values[:, None].float(), size, mode="nearest")
        assert torch.equal(nearest(values, *size), expected[:, 0].long())


def test_a_part_and_another_size():
    labels = np.array([[1, 1, 2, 2], [1, 1, 2, 2]], np.uint8)
    both = Condition.of(*(Canvas(labels + n, labels.astype(np.int32)) for n in range(2)))
    part = both.taken(slice(1, 2))
    assert part.labels.tolist() == [(labels + 1).tolist()]
    assert part.resized(1, 2).instances.tolist() == [[[1, 2]]]
