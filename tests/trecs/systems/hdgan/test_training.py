from pathlib import Path

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.hdgan.recipe import HdGanTraining, train_hdgan
from trecs.systems.hdgan.system import HdGan
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_hdgan, HdGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_sides_learn_at_once(trained: Trained, tmp_path: Path) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    for part in ("scale_4", "scale_16", "scale_64", "tensor_to_img_16", "tensor_to_img_64"):
        names = [name for name in before if name.startswith(f"{part}.")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names)


def test_every_side_is_shown(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1)
    caption = VOCABULARY.encode("a red dog", 6)
    drawing = HdGan.read(tmp_path / "model").painted(caption, 0)
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
