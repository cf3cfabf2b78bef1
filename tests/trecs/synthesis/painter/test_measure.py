from pathlib import Path

import pytest
import torch

from files.errors import InputError
from segmentation.labels import COUNT, value_of
from tests.trecs.data.tiny_photos import tiny_photos, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import random_autoencoder
from trecs.synthesis.painter.latent_making import make_latents
from trecs.synthesis.painter.latent_store import LatentStore
from trecs.synthesis.painter.latents import LatentStage, LatentStageConfig
from trecs.synthesis.painter.measure import TIMES, HeldBack, held_back_latents, latent_loss
from trecs.synthesis.painter.told import POINTS, Told

GRASS, SNOW = value_of("grass"), value_of("snow")


def held_back() -> HeldBack:
    """Standard normal latents; a quarter of the picture is snow and a quarter nobody labelled."""
    labels = torch.full((8, POINTS, POINTS), GRASS)
    labels[:, : POINTS // 2, : POINTS // 2] = SNOW
    labels[:, POINTS // 2 :, : POINTS // 2] = 255
    true = torch.randn(8, 32, 32, 32, generator=torch.Generator().manual_seed(3))
    return HeldBack(true, Told.of(labels, torch.zeros_like(labels)))


def test_a_stage_that_has_learned_nothing_has_the_linear_estimates_loss() -> None:
    stage = LatentStage(LatentStageConfig.tiny())
    measured = latent_loss(stage, held_back(), torch.zeros(8, 3, 32, 32))
    expected = [1 / (time**2 + (1 - time) ** 2) for time in TIMES]
    assert measured.by_time == pytest.approx(expected, rel=0.02)
    assert measured.loss == pytest.approx(sum(expected) / 4, rel=0.02)
    assert list(measured.by_label) == ["grass", "snow"]
    assert stage.training


def test_a_label_has_the_loss_of_its_own_cells() -> None:
    samples = held_back()
    stage = LatentStage(LatentStageConfig.tiny())
    whole = latent_loss(stage, samples, torch.zeros(8, 3, 32, 32))
    samples.true[..., :16, :16] *= 2  # the snow
    other = latent_loss(stage, samples, torch.zeros(8, 3, 32, 32))
    assert other.by_label["grass"] == pytest.approx(whole.by_label["grass"])
    assert other.by_label["snow"] > 1.3 * whole.by_label["snow"]
    samples.true[..., 16:, :16] *= 9  # what nobody labelled
    last = latent_loss(stage, samples, torch.zeros(8, 3, 32, 32))
    assert last.loss == pytest.approx(other.loss)


def test_a_store_without_held_back_views_is_told(tmp_path: Path) -> None:
    make_latents(tiny_photos(tmp_path / "data"), random_autoencoder(), tmp_path / "latents")
    with pytest.raises(InputError, match="held-back"):
        held_back_latents(LatentStore(tmp_path / "latents"), 4)


def test_held_back_views_have_their_thumbnails(tmp_path: Path) -> None:
    data = with_one_held_back(tmp_path / "data")
    make_latents(data, random_autoencoder(), tmp_path / "latents")
    samples, thumbnails = held_back_latents(LatentStore(tmp_path / "latents"), 4)
    assert samples.true.shape == (1, 32, 32, 32)
    assert thumbnails.shape == (1, 3, 32, 32)
    assert samples.told.labels.max() <= COUNT
