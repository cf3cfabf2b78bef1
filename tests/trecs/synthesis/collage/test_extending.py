import numpy as np

from trecs.synthesis.collage.extending import extended


def stripes(size: int = 96) -> np.ndarray:
    """Upright stripes, eight pixels wide, (size, size, 3)."""
    row = np.where(np.arange(size) // 8 % 2 == 0, 0.2, 0.8)
    return np.broadcast_to(row[None, :, None], (size, size, 3)).astype(np.float32).copy()


def test_texture_goes_on_and_what_is_known_stays() -> None:
    true = stripes()
    known = np.zeros((96, 96), bool)
    known[:, :60] = True
    given = np.where(known[..., None], true, 0).astype(np.float32)
    wanted = np.ones((96, 96), bool)
    made = extended(given, known, wanted, 96 / 256, np.random.default_rng(0))
    assert np.array_equal(made[:, :50], true[:, :50])
    contrast = made[:, 64:].std((1, 2))
    assert contrast.mean() > 0.2  # of the stripes' own 0.3: not blurred away
    assert np.abs(made[:, 64:] - true[:, 64:]).mean() < 0.2


def test_nothing_is_done_where_all_is_known() -> None:
    picture = stripes()
    known = np.ones((96, 96), bool)
    assert extended(picture, known, known, 1.0, np.random.default_rng(0)) is picture


def test_too_little_for_patches_is_spread_smoothly() -> None:
    known = np.zeros((64, 64), bool)
    known[30:32, 30:32] = True
    picture = np.zeros((64, 64, 3), np.float32)
    picture[known] = (0.2, 0.5, 0.7)
    made = extended(picture, known, np.ones_like(known), 1.0, np.random.default_rng(0))
    assert np.allclose(made, (0.2, 0.5, 0.7), atol=0.02)
