from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import value_of
from tests.trecs.synthesis.painter.random_autoencoder import save_random_autoencoder
from trecs.synthesis.collage.harmony import SHARE, Repainter, relit
from trecs.synthesis.painter.latents import LatentStage, LatentStageConfig
from trecs.synthesis.painter.painter import load_thumbnails, save_latents

GRASS = value_of("grass")


def canvas(size: int) -> Canvas:
    return Canvas(np.full((size, size), GRASS, np.uint8), np.zeros((size, size), np.int32))


def textured(size: int) -> np.ndarray:
    """A chessboard of single pixels, (size, size, 3)."""
    board = (np.indices((size, size)).sum(0) % 2 * 0.4 + 0.3).astype(np.float32)
    return np.repeat(board[..., None], 3, 2)


def test_light_changes_and_details_stay(checkpoints: Path) -> None:
    stage = load_thumbnails(checkpoints / "painter" / "thumbnails").eval()
    picture = textured(128)
    lit = relit(picture, canvas(128), stage, 0)
    assert (lit.shape, lit.dtype) == (picture.shape, np.float32)
    means = [one.reshape(32, 4, 32, 4, 3).mean((1, 3)) for one in (lit, picture)]
    assert np.abs(means[0] - means[1]).max() > 0.05  # a grey board is no meadow
    steps = np.diff(lit, axis=1)[8:-8, 8:-8]
    assert np.abs(np.abs(steps) - 0.4).max() < 0.15 * SHARE + 0.05
    assert np.array_equal(lit, relit(picture, canvas(128), stage, 0))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A painter and an autoencoder with random weights."""
    torch.manual_seed(0)
    save_latents(tmp_path / "painter" / "latents", LatentStage(LatentStageConfig.tiny()))
    save_random_autoencoder(tmp_path / "autoencoder")
    return tmp_path / "painter", tmp_path / "autoencoder"


@pytest.mark.parametrize("size", [256, 96])
def test_the_painter_paints_over_a_collage_of_any_size(
    folders: tuple[Path, Path], size: int
) -> None:
    repainter = Repainter(*folders)
    picture = textured(size)
    one, again, other = (repainter.repainted(picture, canvas(size), seed) for seed in (1, 1, 2))
    assert one.shape == picture.shape
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_folder_without_the_autoencoder_is_told(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match=r"taef2_encoder\.pth is missing"):
        Repainter(folders[0], folders[0])
