from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.attngan.model import AttnGan
from trecs.systems.attngan.training import AttnGanTraining, train_attngan
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_attngan, AttnGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_stages_join_one_after_another(trained: Trained, tmp_path: Path) -> None:
    assert [AttnGanTraining.tiny().stages(step) for step in range(5)] == [1, 1, 2, 2, 2]
    first = trained(tmp_path, 1)
    model = AttnGan.load(tmp_path / "model")
    drawn = model.draw("a red dog")
    assert [len(picture) for picture in drawn.pictures] == [64]
    assert drawn.picture.std() > 0
    both = trained(tmp_path, 3)
    drawn = AttnGan.load(tmp_path / "model").draw("a red dog")
    assert [len(picture) for picture in drawn.pictures] == [64, 128]
    assert drawn.attention[2].shape == (3, 64, 64)
    assert (tmp_path / "samples.png").is_file()
    for name in ("h_net1.fc.0.weight", "h_net2.att.conv_context.weight"):
        assert not torch.equal(first[name], both[name])


def test_the_matching_model_learns_nothing(trained: Trained, damsm: Damsm, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in damsm.networks.state_dict().items()}
    trained(tmp_path, 1)
    assert all(torch.equal(before[n], v) for n, v in damsm.networks.state_dict().items())
    sentence = AttnGan.load(tmp_path / "model").networks.text_encoder.state_dict()
    own = damsm.networks.text_encoder.state_dict()
    assert all(torch.allclose(sentence[name], own[name], atol=1e-3) for name in own)


@pytest.mark.parametrize(("settling", "share"), [(0, 1.0), (1, 0.55)])
def test_both_rates_are_lower_in_the_last_steps(
    trained: Trained, tmp_path: Path, settling: int, share: float
) -> None:
    trained(tmp_path, 1, settling=settling)
    training = AttnGanTraining.tiny()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    rates = [
        state[name]["param_groups"][0]["lr"] for name in ("generator optimizer", "judges optimizer")
    ]
    whole = [training.generator_rate, training.discriminator_rate]
    assert rates == pytest.approx([share * rate for rate in whole])


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
