import math

import pytest
import torch

from trecs.systems.aligndraw.attention import Filters, Window

PICTURE = torch.arange(25.0).view(1, 1, 5, 5)


def window(*, x: float = 0, y: float = 0, variance: float = -9, strength: float = 1) -> Window:
    """Of 3 x 3 narrow filters on 5 x 5 pixels: by itself every second pixel."""
    numbers = torch.tensor([[x, y, variance, 0.0, math.log(strength)]])
    return Window.of(numbers, 5, 5, 3)


def test_five_numbers_place_a_window() -> None:
    """Equations 22 to 24: (5 + 1) / 2 (x + 1), and (5 - 1) / (3 - 1) apart."""
    placed = Window.of(torch.tensor([[0.0, -1.0, 1.0, 0.0, 0.0]]), 5, 5, 3)
    values = [value.item() for value in placed]
    assert values == pytest.approx([3.0, 0.0, math.e, 2.0, 1.0])
    assert Window.of(torch.zeros(1, 5), 3, 9, 5).stride.item() == 2  # of the longer side
    assert Window.of(torch.zeros(1, 5), 3, 9, 5).y.item() == 2


def test_narrow_filters_read_single_pixels() -> None:
    read = Filters.of(window(strength=2), 5, 5, 3).read(PICTURE)
    assert torch.allclose(read, 2 * PICTURE[..., ::2, ::2])
    right = Filters.of(window(x=1 / 3), 5, 5, 3)  # a pixel to the right
    assert torch.allclose(right.read(PICTURE)[..., :2], PICTURE[..., ::2, 1:4:2])


def test_wide_filters_are_normalised_gaussians() -> None:
    filters = Filters.of(window(variance=0), 5, 5, 3)
    around = torch.tensor([math.exp(-2), math.exp(-0.5), 1, math.exp(-0.5), math.exp(-2)])
    torch.testing.assert_close(filters.x[0, 1], around / around.sum())
    torch.testing.assert_close(filters.y.sum(2), torch.ones(1, 3))


def test_a_patch_is_written_where_it_would_be_read() -> None:
    patch = torch.arange(1.0, 10).view(1, 1, 3, 3)
    added = Filters.of(window(strength=2), 5, 5, 3).write(patch)
    assert torch.allclose(added[..., ::2, ::2], patch / 2)
    assert torch.allclose(added.sum(), patch.sum() / 2)


def test_the_authors_windows_begin_before_the_papers() -> None:
    """Of 2 filters 4 apart on 5 pixels, at 3 - 6 and 3 - 2 of 0 to 4; the paper's are 1 and 5."""
    placed = Window.of(torch.tensor([[0.0, 0.0, -9.0, 0.0, 0.0]]), 5, 5, 2)
    authors = Filters.of(placed, 5, 5, 2, authors=True)
    assert authors.x[0, 1].argmax() == 1
    assert authors.x[0, 0].sum() < 1e-6  # off the picture
    papers = Filters.of(placed, 5, 5, 2)
    assert papers.x[0].argmax(1).tolist() == [0, 4]
