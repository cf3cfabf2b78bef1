import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from files.errors import InputError
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips, _halved

ROWS, COLUMNS = np.mgrid[:64, :64]
WAVES = np.stack([ROWS * 4, COLUMNS * 4, ROWS * COLUMNS % 256], -1).astype(np.uint8)
INSIDE = (ROWS - 30) ** 2 + (COLUMNS - 36) ** 2 < 300
DISC = np.where(INSIDE[..., None], [200, 40, 90], [20, 120, 160]).astype(np.uint8)


@pytest.fixture(scope="module")
def published() -> ShiftTolerantLpips:
    try:
        return ShiftTolerantLpips.load()
    except InputError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        (WAVES, DISC, 0.8822663),
        (WAVES, WAVES[:, ::-1], 0.5917867),
        (DISC, np.roll(DISC, 1, 1), 0.0043507),
    ],
)
def test_distances_are_those_of_the_authors_code(
    published: ShiftTolerantLpips, first: NDArray, second: NDArray, distance: float
):
    seen = [published.seen(picture[None].copy()) for picture in (first, second)]
    assert published.between(*seen).item() == pytest.approx(distance, abs=2e-6)


def test_a_stack_gives_each_pair_its_own_distance(published: ShiftTolerantLpips):
    first, second = np.stack([WAVES, DISC]), np.stack([WAVES, WAVES])
    distances = published.between(published.seen(first), published.seen(second))
    assert distances[0] == 0
    assert distances[1].item() == pytest.approx(0.8822663, abs=2e-6)


def test_heads_weigh_the_channels_squared_differences():
    network = ShiftTolerantLpips().requires_grad_(False)
    network.heads[1][0, 5] = 3.0
    first = [torch.zeros(1, c, 2, 2) for c in (64, 192, 384, 256, 256)]
    second = [torch.zeros_like(layer) for layer in first]
    second[1][0, 5, 0, 1] = 0.5
    second[1][0, 6] = second[0][0, 5] = 1.0
    assert network.between(first, second).tolist() == [3 * 0.5**2 / 4]


def test_halving_blurs_and_reflects():
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0, 0] = 16
    # Windows of three start at -2, 0 and 2; the first two meet the corner with weight 1 / 4.
    assert _halved(x)[0, 0].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    # The pixel beside it is the middle of both: reflected, of the first.
    assert _halved(x.roll(1, -1))[0, 0].tolist() == [[2, 2, 0], [2, 2, 0], [0, 0, 0]]
    assert torch.allclose(_halved(torch.ones(1, 3, 8, 8)), torch.ones(1, 3, 5, 5))
