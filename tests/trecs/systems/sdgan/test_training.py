from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm
from trecs.systems.sdgan.recipe import SdGanTraining, train_sdgan


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_sdgan, SdGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_stages_and_what_changes_their_norms_learn_at_once(
    trained: Trained, tmp_path: Path
) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    first, later = "h_net1.doublings.0.norm", "h_net2.residual.norm"
    parts = ("h_net1.fc", "h_net3", "img_net1", "img_net3", f"{first}.gamma", f"{first}.gamma_net",
             f"{first}.beta_net", f"{later}.beta", f"{later}.gamma_map", f"{later}.beta_map",
             f"{later}.embedding")  # fmt: skip
    for part in parts:
        names = [name for name in before if name == part or name.startswith(f"{part}.")]
        assert names, part
        assert not all(torch.equal(before[name], after[name]) for name in names), part


def test_the_branches_are_compared_from_a_step_on(trained: Trained, tmp_path: Path) -> None:
    """Weights of the contrastive loss make no difference before that step."""
    heavy, none, alone = (
        trained(tmp_path / name, 2, contrast=contrast, alone=first)
        for name, contrast, first in (("heavy", 500, 0), ("none", 0, 0), ("alone", 500, 2))
    )
    assert any(not torch.equal(heavy[name], value) for name, value in none.items())
    assert all(torch.equal(alone[name], value) for name, value in none.items())


def test_the_trunk_teaches_and_does_not_learn(trained: Trained, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in trained.damsm.networks.state_dict().items()}
    alone, taught = (trained(tmp_path / f"{weight}", 2, trunk=weight) for weight in (0.0, 9.0))
    assert any(not torch.equal(alone[name], value) for name, value in taught.items())
    for name, value in trained.damsm.networks.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("batch", [3, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
