import numpy as np
import pytest
import torch

from segmentation.canvas import Canvas
from trecs.synthesis.painter.told import NO_REGION, POINTS, SIDE, CanvasReader, Told

DOG, GRASS, UNLABELED = 17, 123, 255


def told(**changes: np.ndarray) -> Told:
    """Grass, above it a strip of eight points of dog, whose colour is known."""
    labels = np.full((1, POINTS, POINTS), GRASS, np.uint8)
    labels[:, :8] = DOG
    regions = np.where(labels == DOG, 1, 0).astype(np.uint8)
    colours = np.full((1, 255, 3), np.nan, np.float32)
    colours[0, 1] = 75, 25, -50
    planes = {"labels": labels, "instances": (labels == DOG).astype(np.int32),
              "regions": regions, "colours": colours, **changes}  # fmt: skip
    return Told.of(*(torch.from_numpy(plane) for plane in planes.values()))


def test_colours_stand_where_they_are_known() -> None:
    planes = told().colours[0]
    assert planes.shape == (4, SIDE, SIDE)
    assert planes[:, 0, 5].tolist() == [1, 0.5, 0.5, -1]  # the share known; L, a, b
    assert planes[:, 2, 5].tolist() == [0, 0, 0, 0]


def test_a_cell_has_the_mean_of_its_points() -> None:
    regions = np.full((1, POINTS, POINTS), NO_REGION, np.uint8)
    regions[:, :2] = 1  # the upper half of the first row of cells
    assert told(regions=regions).colours[0, :, 0, 0].tolist() == [0.5, 0.25, 0.25, -0.5]


def test_edges_lie_between_instances_on_both_sides() -> None:
    edges = told().edges[0, 0]
    assert edges[:3, 0].tolist() == [0, 0.25, 0.25]
    assert edges[3:].sum() == 0


def test_what_is_unlabeled_does_not_count() -> None:
    labels = np.full((1, POINTS, POINTS), GRASS, np.uint8)
    labels[:, :2] = UNLABELED
    assert told(labels=labels).labelled[0, 0, :2, 0].tolist() == [0.5, 1]


def test_a_window_is_what_lies_there() -> None:
    whole = told()
    window = whole.windows(torch.tensor([[1, 3]]), 16)
    assert window.labels.shape == (1, 64, 64)
    torch.testing.assert_close(window.labels, whole.labels[:, 4:68, 12:76])
    torch.testing.assert_close(window.place, whole.place[:, :, 1:17, 3:19])
    torch.testing.assert_close(window.colours, whole.colours[:, :, 1:17, 3:19])


def test_a_window_is_read_as_in_the_whole_but_for_its_rim() -> None:
    reader, whole = CanvasReader(8).eval(), told()
    inner = reader(whole.windows(torch.tensor([[1, 3]]), 16))[..., 1:-1, 1:-1]
    torch.testing.assert_close(inner, reader(whole)[..., 2:16, 4:18])


def test_canvases_of_any_size_are_read() -> None:
    canvas = Canvas(np.full((60, 90), DOG, np.uint8), np.ones((60, 90), np.int32))
    assert (Told.of_canvases(canvas, canvas).labels == DOG).all()


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_what_is_withheld_leaves_the_places(kept: float) -> None:
    reader, one = CanvasReader(8).eval(), told()
    other = Told(torch.zeros_like(one.labels), one.edges * 0, one.colours * 0, one.place)
    given = torch.tensor([kept])
    same = torch.allclose(reader(one, given), reader(other, given))
    assert same == (kept == 0)
