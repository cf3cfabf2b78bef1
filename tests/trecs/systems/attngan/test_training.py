from dataclasses import replace
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.data.captioned import captioned
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.data.dataset import Dataset
from trecs.systems.attngan.model import AttnGan
from trecs.systems.attngan.training import AttnGanTraining, train_attngan
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks


@pytest.fixture(scope="module")
def damsm() -> Damsm:
    torch.manual_seed(0)
    return Damsm(DamsmNetworks(DamsmConfig.tiny(len(VOCABULARY))), VOCABULARY)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return captioned(tmp_path_factory.mktemp("data"))


def trained(dataset: Dataset, damsm: Damsm, folder: Path, *stops: int) -> dict[str, torch.Tensor]:
    for steps in stops:
        train_attngan(replace(AttnGanTraining.tiny(), steps=steps), dataset, folder, damsm=damsm)
    state: dict[str, torch.Tensor] = torch.load(folder / "state.pt", weights_only=True)["averaged"]
    return state


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    whole = trained(dataset, damsm, tmp_path / "whole", 3)
    parts = trained(dataset, damsm, tmp_path / "parts", 1, 3)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_stages_join_one_after_another(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    assert [AttnGanTraining.tiny().stages(step) for step in range(5)] == [1, 1, 2, 2, 2]
    first = trained(dataset, damsm, tmp_path, 1)
    model = AttnGan.load(tmp_path / "model")
    drawn = model.draw("a red dog")
    assert [len(picture) for picture in drawn.pictures] == [64]
    assert drawn.picture.std() > 0
    both = trained(dataset, damsm, tmp_path, 3)
    drawn = AttnGan.load(tmp_path / "model").draw("a red dog")
    assert [len(picture) for picture in drawn.pictures] == [64, 128]
    assert drawn.attention[2].shape == (3, 64, 64)
    assert (tmp_path / "samples.png").is_file()
    for name in ("h_net1.fc.0.weight", "h_net2.att.conv_context.weight"):
        assert not torch.equal(first[name], both[name])


def test_the_matching_model_learns_nothing(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in damsm.networks.state_dict().items()}
    trained(dataset, damsm, tmp_path, 1)
    assert all(torch.equal(before[n], v) for n, v in damsm.networks.state_dict().items())
    sentence = AttnGan.load(tmp_path / "model").networks.text_encoder.state_dict()
    own = damsm.networks.text_encoder.state_dict()
    assert all(torch.allclose(sentence[name], own[name], atol=1e-3) for name in own)


@pytest.mark.parametrize(("settling", "share"), [(0, 1.0), (1, 0.55)])
def test_both_rates_are_lower_in_the_last_steps(
    dataset: Dataset, damsm: Damsm, tmp_path: Path, settling: int, share: float
) -> None:
    training = replace(AttnGanTraining.tiny(), steps=1, settling=settling)
    train_attngan(training, dataset, tmp_path, damsm=damsm)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    rates = [
        state[name]["param_groups"][0]["lr"] for name in ("generator optimizer", "judges optimizer")
    ]
    whole = [training.generator_rate, training.discriminator_rate]
    assert rates == pytest.approx([share * rate for rate in whole])


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    dataset: Dataset, damsm: Damsm, tmp_path: Path, batch: int
) -> None:
    with pytest.raises(InputError, match="from the 4 photos"):
        train_attngan(replace(AttnGanTraining.tiny(), batch=batch), dataset, tmp_path, damsm=damsm)
