from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.aligndraw.recipe import AlignDrawTraining, train_aligndraw
from trecs.systems.aligndraw.system import AlignDraw
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_aligndraw, AlignDrawTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_learn_and_what_draws_is_written(trained: Trained, tmp_path: Path) -> None:
    state = trained(tmp_path, 2)
    before = trained.damsm.networks.text_encoder.state_dict()["rnn.weight_hh_l0"]
    model = AlignDraw.read(tmp_path / "model").networks
    assert not torch.equal(state["text_encoder.rnn.weight_hh_l0"], before)
    for part, kept in (("text_encoder", model.text_encoder), ("decoder", model.generator)):
        for name, value in kept.state_dict().items():
            torch.testing.assert_close(value, state[f"{part}.{name}"], rtol=0, atol=2e-3)


def test_batches_that_cannot_be_drawn_are_refused(trained: Trained, tmp_path: Path) -> None:
    trained.refuses(tmp_path, 5)
