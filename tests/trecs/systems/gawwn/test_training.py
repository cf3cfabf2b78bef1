from pathlib import Path

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.gawwn.network import GawwnConfig, Generator, Judge
from trecs.systems.gawwn.places import KINDS, Box
from trecs.systems.gawwn.recipe import (
    GawwnTraining,
    PlacedBatches,
    begin_paths_alike,
    mirrored,
    seen,
    train_gawwn,
)
from trecs.systems.parts.caption_training import trainable_photos
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_gawwn, GawwnTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_windows_cut_boxes_and_mirrors_turn_them() -> None:
    """Of a square of 20 pixels, a window of 10 from (5, 0)."""
    boxes = [Box(3, 0.5, 0.1, 1.0, 0.3), Box(4, 0.0, 0.0, 0.25, 1.0)]
    (left,) = seen(boxes, 5, 0, 10, 20)
    assert left == pytest.approx((3, 0.5, 0.2, 1.0, 0.6))
    assert mirrored(left) == pytest.approx((3, 0.0, 0.2, 0.5, 0.6))


def test_a_batch_has_the_places_of_its_photos(dataset: Dataset) -> None:
    """Half of these are mirrored, and so are their maps: label by label, the photo tells both."""
    batches = PlacedBatches(trainable_photos(dataset, 2), VOCABULARY, 6, side=64, batch=2, seed=0)
    photos, texts, maps = batches[0]
    assert photos.shape == (2, 3, 64, 64)
    assert maps.shape == (2, len(KINDS), 16, 16)
    assert len(texts) == 2
    assert (maps.amax((1, 2, 3)) == 1).all()
    again = batches[0]
    assert torch.equal(photos, again[0])
    assert torch.equal(maps, again[2])
    assert not torch.equal(maps, batches[1][2])


def test_the_generator_stands_before_norms_that_run(trained: Trained, tmp_path: Path) -> None:
    """Of both turns of a step the judge's alone counts, in which it sees both in one batch."""
    trained(tmp_path, 2)
    judge = torch.load(tmp_path / "state.pt", weights_only=True)["judges"]
    counted = [value.item() for name, value in judge.items() if name.endswith("batches_tracked")]
    assert counted
    assert set(counted) == {2}


@torch.no_grad()
def test_noise_begins_as_wide_as_text_and_both_paths_alike() -> None:
    """What is told has unit variance; the first layer over both paths gets as much of each."""
    torch.manual_seed(0)
    config = GawwnConfig(text=128)
    generator, judge = Generator(config), Judge(config)
    begin_dcgan(generator)
    begin_dcgan(judge)
    begin_paths_alike(config, generator, judge)
    noise = generator.F_noise_txt.prep_noise(torch.randn(200, config.noise))
    assert noise.std().item() == pytest.approx(1, rel=0.1)
    weight = generator.upsampling_1[0].weight
    assert isinstance(weight, torch.Tensor)
    alone, others = weight[: config.width], weight[config.width :]
    assert len(others) == 4 * config.width + config.kinds
    assert alone.square().sum() / others.square().sum() == pytest.approx(1, rel=0.1)
    code, sentence = torch.randn(8, 2 * config.judge_width, 16, 16), torch.randn(8, config.text)
    maps = (torch.rand(8, config.kinds, 16, 16) > 0.9).float()
    regional, whole = judge.paths(code, sentence, maps)
    assert 0.3 < regional.std(0).mean() / whole.std(0).mean() < 3


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
