import numpy as np
import pytest

from trecs.evaluation.measures.frechet import frechet_distance, kernel_distance


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


def test_frechet_distance_in_one_dimension():
    # means 1 and 5, variances 2 and 8: 16 + 2 + 8 - 2 * 4
    assert frechet_distance(column(0, 2), column(3, 7)) == pytest.approx(18)


def test_frechet_distance_in_two_dimensions():
    # covariances diag(2, 0) and [[1, 1], [1, 1]] * 2, whose product has the eigenvalues 4 and 0;
    # the same means: 2 + 4 - 2 * 2
    first, second = np.array([[-1.0, 0], [1, 0]]), np.array([[-1.0, -1], [1, 1]])
    assert frechet_distance(first, second) == pytest.approx(2)


@pytest.mark.parametrize("counts", [(7, 9), (200, 5), (200, 300)])
def test_frechet_distance_is_that_of_the_covariances(counts: tuple[int, int]):
    rng = np.random.default_rng(0)
    first = rng.normal(size=(counts[0], 12)) @ rng.normal(size=(12, 12))
    second = rng.normal(size=(counts[1], 12)) + 0.5
    c1, c2 = np.cov(first.T), np.cov(second.T)
    root = np.sqrt(np.maximum(np.linalg.eigvals(c1 @ c2).real, 0)).sum()
    expected = np.square(first.mean(0) - second.mean(0)).sum() + np.trace(c1 + c2) - 2 * root
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-5)


def test_frechet_distance_agrees_with_torchmetrics():
    fid = pytest.importorskip("torchmetrics.image.fid")
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    sets = [rng.normal(size=(50, 6)), rng.normal(0.3, 2, size=(60, 6))]
    moments = [torch.from_numpy(m) for s in sets for m in (s.mean(0), np.cov(s.T))]
    assert frechet_distance(*sets) == pytest.approx(float(fid._compute_fid(*moments)), rel=1e-9)


def test_frechet_distance_of_a_set_to_itself_is_nothing():
    features = np.random.default_rng(2).normal(size=(40, 200)).astype(np.float32)
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-9)


def test_kernel_distance():
    # within {0, 1}: (0 * 1 + 1)^3 = 1; within {2, 3}: 7^3; between: (1 + 1 + 3^3 + 4^3) / 4
    assert kernel_distance(column(0, 1), column(2, 3)) == pytest.approx(1 + 343 - 2 * 93 / 4)


def test_kernel_distance_divides_by_the_number_of_features():
    first, second = np.ones((2, 4)), np.full((2, 4), 2.0)
    # (4 / 4 + 1)^3, (16 / 4 + 1)^3 and (8 / 4 + 1)^3
    assert kernel_distance(first, second) == pytest.approx(8 + 125 - 2 * 27)


def test_kernel_distance_is_unbiased_where_the_frechet_distance_is_not():
    rng = np.random.default_rng(3)
    pairs = [rng.normal(size=(2, 20, 8)) for _ in range(300)]
    assert np.mean([kernel_distance(*pair) for pair in pairs]) == pytest.approx(0, abs=0.02)
    assert np.mean([frechet_distance(*pair) for pair in pairs]) > 0.5
