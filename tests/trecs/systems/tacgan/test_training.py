from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm
from trecs.systems.tacgan.recipe import TacGanTraining, train_tacgan
from trecs.systems.tacgan.system import TacGan


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_tacgan, TacGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_what_reads_learns_nothing_and_what_draws_is_written(
    trained: Trained, tmp_path: Path
) -> None:
    state = trained(tmp_path, 1)
    model = TacGan.read(tmp_path / "model").networks
    own = trained.damsm.networks.text_encoder.state_dict()
    kept = model.text_encoder.state_dict()
    assert all(torch.allclose(kept[name], own[name], atol=1e-3) for name in own)
    for name, value in model.generator.state_dict().items():
        torch.testing.assert_close(value, state[name], rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
