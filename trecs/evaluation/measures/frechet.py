"""How far apart two sets of pictures lie, from the features that a network sees in them."""

import numpy as np
from numpy.typing import NDArray


def frechet_distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """The squared Fréchet distance between Gaussians fitted to two sets of features.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) for (N1, D) and (N2, D) features, N1 and N2 at
    least 2 (Heusel et al., NeurIPS 2017; FID where the features are Inception's). Where C = A'A,
    the trace of (C1 C2)^(1/2) is the sum of the singular values of A1 A2': nothing is squared,
    no root of a matrix is taken, and fewer pictures than features are no trouble for the
    arithmetic. They are for the estimate, which falls with N towards the truth: compare only
    sets of equal sizes.
    """
    mean_1, factor_1 = _gaussian(first)
    mean_2, factor_2 = _gaussian(second)
    root = np.linalg.svd(factor_1 @ factor_2.T, compute_uv=False).sum()
    spread = np.square(factor_1).sum() + np.square(factor_2).sum()
    return float(np.square(mean_1 - mean_2).sum() + spread - 2 * root)


def kernel_distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """The squared maximum mean discrepancy under the kernel (x.y / D + 1)^3.

    For (N1, D) and (N2, D) features, N1 and N2 at least 2 (Binkowski et al., ICLR 2018; KID where
    the features are Inception's). Unbiased at any N, so it may fall below 0; over the whole sets,
    where some average over subsets of 1,000.
    """
    x, y = first.astype(np.float64), second.astype(np.float64)

    def kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def off_diagonal(k: NDArray[np.float64]) -> float:
        return float((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)))

    within = off_diagonal(kernel(x, x)) + off_diagonal(kernel(y, y))
    return within - 2 * float(kernel(x, y).mean())


def _gaussian(features: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean (D,) and a factor A (at most D rows, D) of the covariance A'A of features."""
    values = features.astype(np.float64)
    mean = values.mean(0)
    factor = (values - mean) / (len(values) - 1) ** 0.5
    if len(factor) > factor.shape[1]:
        factor = np.linalg.qr(factor, mode="r")
    return mean, factor
