import numpy as np
import pytest

from trecs.evaluation.measures.likeness import psnr, ssim


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(256, size=(40, 33, 3)).astype(np.uint8)


def smooth() -> np.ndarray:
    rows, columns = np.mgrid[:40, :33]
    return np.stack([rows * 6, columns * 7, rows + columns], -1).astype(np.uint8)


def test_psnr():
    black, grey = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 51, np.uint8)
    assert psnr(black, grey) == pytest.approx(20 * np.log10(5))  # an error of a fifth of the peak
    assert psnr(grey, black) == psnr(black, grey)
    assert psnr(grey, grey) == float("inf")


def test_ssim_of_even_pictures_compares_their_brightness():
    # (2 a b + C1) / (a^2 + b^2 + C1) with C1 = 2.55^2
    first, second = np.full((16, 16, 3), 100, np.uint8), np.full((16, 16, 3), 50, np.uint8)
    expected = (2 * 100 * 50 + 2.55**2) / (100**2 + 50**2 + 2.55**2)
    assert ssim(first, second) == pytest.approx(expected)
    assert ssim(smooth(), smooth()) == pytest.approx(1)


@pytest.mark.parametrize("other", [noise(1), 255 - smooth()])
def test_agrees_with_scikit_image(other: np.ndarray):
    metrics = pytest.importorskip("skimage.metrics")
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = metrics.structural_similarity(smooth(), other, channel_axis=-1, **settings)
    assert ssim(smooth(), other) == pytest.approx(expected, abs=1e-9)
    expected = metrics.peak_signal_noise_ratio(smooth(), other)
    assert psnr(smooth(), other) == pytest.approx(expected)


def test_agrees_with_torchmetrics():
    torch = pytest.importorskip("torch")
    image = pytest.importorskip("torchmetrics.functional.image")
    first, second = smooth(), np.clip(smooth() + noise(2) // 8, 0, 255).astype(np.uint8)
    tensors = [
        torch.from_numpy(p.astype(np.float64)).permute(2, 0, 1)[None] for p in (first, second)
    ]
    _, everywhere = image.structural_similarity_index_measure(
        *tensors, data_range=255.0, return_full_image=True
    )
    inside = everywhere[..., 5:-5, 5:-5]  # its own mean counts the mirrored border, too
    assert ssim(first, second) == pytest.approx(float(inside.mean()), abs=1e-6)
    expected = image.peak_signal_noise_ratio(*tensors, data_range=255.0)
    assert psnr(first, second) == pytest.approx(float(expected), rel=1e-6)
