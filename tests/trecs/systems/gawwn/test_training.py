from pathlib import Path

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.gawwn.places import KINDS, Box
from trecs.systems.gawwn.recipe import GawwnTraining, PlacedBatches, mirrored, seen, train_gawwn
from trecs.systems.parts.caption_training import trainable_photos
from trecs.systems.parts.damsm import Damsm


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


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
