import numpy as np
import pytest

from trecs.evaluation.measures.colour_difference import ciede2000

SHARMA = [  # of the pairs that Sharma, Wu and Dalal (2005) publish in table 1
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "apart"), SHARMA)
def test_published_pairs(first: tuple, second: tuple, apart: float) -> None:
    assert ciede2000(first, second) == pytest.approx(apart, abs=1e-4)
    assert ciede2000(second, first) == pytest.approx(apart, abs=1e-4)


def test_many_at_once() -> None:
    first, second, apart = (np.array(column) for column in zip(*SHARMA, strict=True))
    assert ciede2000(first, second) == pytest.approx(apart, abs=1e-4)
    assert (ciede2000(first, first) == 0).all()
