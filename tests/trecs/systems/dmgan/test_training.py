from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.dmgan.recipe import DmGanTraining, train_dmgan
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_dmgan, DmGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_stages_and_their_memories_learn_at_once(trained: Trained, tmp_path: Path) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    parts = ("h_net1", "h_net2", "h_net3", "img_net1", "img_net3", "h_net2.A", "h_net2.B",
             "h_net2.M_w", "h_net3.M_r", "h_net3.key", "h_net3.value",
             "h_net3.response_gate")  # fmt: skip
    for part in parts:
        names = [name for name in before if name.startswith(f"{part}.")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names), part


def test_the_matching_model_teaches_and_does_not_learn(trained: Trained, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in trained.damsm.networks.state_dict().items()}
    alone, taught = (trained(tmp_path / f"{weight}", 2, matching=weight) for weight in (0.0, 9.0))
    assert any(not torch.equal(alone[name], value) for name, value in taught.items())
    for name, value in trained.damsm.networks.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
