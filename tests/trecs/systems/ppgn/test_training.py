from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.damsm import Damsm
from trecs.systems.ppgn.network import PlugAndPlay
from trecs.systems.ppgn.recipe import PpgnRecipe, PpgnTraining, train_ppgn
from trecs.systems.ppgn.system import Ppgn


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    """Stops also where `train_ppgn` would not begin."""
    train = partial(train_by_captions, PpgnRecipe)
    return Trained(train, PpgnTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_a_run_stopped_while_it_learns_to_look_goes_on(trained: Trained, tmp_path: Path) -> None:
    """Components are found at the same step, of the same photos."""
    whole = trained(tmp_path / "whole", 4, looking=2)
    for name, value in trained(tmp_path / "parts", 1, 2, 4, looking=2).items():
        torch.testing.assert_close(value, whole[name], msg=name)


def state(folder: Path) -> dict[str, dict[str, torch.Tensor]]:
    found: dict[str, dict[str, torch.Tensor]] = torch.load(folder / "state.pt", weights_only=True)
    return found


def test_what_looks_learns_first_and_is_fixed_then(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1, looking=2)
    first = state(tmp_path)
    trained(tmp_path, 2, looking=2)
    looked = state(tmp_path)
    assert not (tmp_path / "model").exists()  # G has learnt nothing yet
    trained(tmp_path, 4, looking=2)
    assert (tmp_path / "model").is_dir()
    drawn = state(tmp_path)
    assert not torch.equal(*(one["recogniser"]["lower.0.weight"] for one in (first, looked)))
    assert torch.equal(*(one["generator"]["layers.0.weight"] for one in (first, looked)))
    for name, value in looked["recogniser"].items():
        if not name.startswith("code."):  # its components are found after the last look
            assert torch.equal(value, drawn["recogniser"][name]), name
    assert not torch.equal(*(one["recogniser"]["code.weight"] for one in (looked, drawn)))
    assert not torch.equal(*(one["generator"]["layers.0.weight"] for one in (looked, drawn)))


def test_the_averaged_generator_is_kept_beside_what_looks(trained: Trained, tmp_path: Path) -> None:
    averaged = trained(tmp_path, 3)
    parts = Ppgn.read(tmp_path / "model").networks.generator
    assert isinstance(parts, PlugAndPlay)
    for network, kept in (
        (parts.generator, averaged),
        (parts.recogniser, state(tmp_path)["recogniser"]),
    ):
        for name, value in network.state_dict().items():
            torch.testing.assert_close(value, kept[name], rtol=1e-2, atol=5e-3, msg=name)
    drawing = Ppgn.read(tmp_path / "model").painted(VOCABULARY.encode("a red dog", 6), 0)
    assert drawing.picture.shape == (64, 64, 3)


def test_it_learns_in_half_precision(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    """A step of each part."""
    train = partial(train_ppgn, precision="bf16-mixed")
    averaged = Trained(train, PpgnTraining.tiny(), dataset, damsm)(tmp_path, 2)
    assert all(value.isfinite().all() for value in averaged.values())


@pytest.mark.parametrize("steps", [1, 2])
def test_too_few_steps_for_the_generator_are_refused(
    dataset: Dataset, damsm: Damsm, tmp_path: Path, steps: int
) -> None:
    training = replace(PpgnTraining.tiny(), steps=steps, looking=2)
    with pytest.raises(InputError, match=f"in {steps} steps.*more than 2 steps"):
        train_ppgn(training, dataset, tmp_path, damsm=damsm)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
