from pathlib import Path

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm
from trecs.systems.stackgan.recipe import StackGanTraining, train_stackgan
from trecs.systems.stackgan.system import StackGan


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_stackgan, StackGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_stages_learn_one_after_another(trained: Trained, tmp_path: Path) -> None:
    first, both = trained(tmp_path, 2), trained(tmp_path, 4)
    for name, value in first.items():
        learnt = not torch.equal(value, both[name])
        assert learnt == (not name.startswith("STAGE1_G.")), name


def test_only_stages_that_have_begun_are_drawn(trained: Trained, tmp_path: Path) -> None:
    caption = VOCABULARY.encode("a red dog", 6)
    for steps, sides in ((2, [32]), (3, [32, 64])):
        trained(tmp_path, steps)
        drawing = StackGan.read(tmp_path / "model").painted(caption, 0)
        assert [len(frame.picture) for frame in drawing.frames] == sides
        assert drawing.picture is drawing.frames[-1].picture


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
