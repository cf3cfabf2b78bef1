from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.learning.loop import Player
from trecs.learning.run import Run
from trecs.systems.cigan.network import CiGanNetworks
from trecs.systems.cigan.recipe import CiGanRecipe, train_cigan
from trecs.systems.cigan.system import CiGan
from trecs.systems.cigan.training import CiGanTraining, halfway
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.damsm import Damsm
from trecs.trunks.efficientnet import LITE0, read_early

PARTS = {"drawing": 2, "inverting": 2}
State = dict[str, dict[str, torch.Tensor]]


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm, eyes: Path) -> Trained:
    """Stops also where `train_cigan` would not begin."""
    recipe = partial(CiGanRecipe, eyes=read_early(LITE0, eyes))
    train = partial(train_by_captions, recipe)
    return Trained(train, CiGanTraining.tiny(), dataset, damsm)


def state(folder: Path) -> State:
    found: State = torch.load(folder / "state.pt", weights_only=True)
    return found


def changed(one: State, other: State) -> set[str]:
    """Who of the players has learnt between two states."""
    names = ("generator", "judge", "encoder", "new judges", "words")
    return {
        name for name in names
        if not all(torch.equal(value, other[name][key]) for key, value in one[name].items())
    }  # fmt: skip


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_a_run_stopped_in_any_part_goes_on(trained: Trained, tmp_path: Path, at: int) -> None:
    """Also where the next step is the first of a part."""
    trained(tmp_path / "whole", 6, **PARTS)
    trained(tmp_path / "parts", at, 6, **PARTS)
    assert changed(state(tmp_path / "whole"), state(tmp_path / "parts")) == set()
    one, other = (CiGan.read(tmp_path / name / "model") for name in ("whole", "parts"))
    for name, value in one.networks.state_dict().items():
        torch.testing.assert_close(other.networks.state_dict()[name], value, msg=name)


def test_each_part_teaches_its_own_networks(trained: Trained, tmp_path: Path) -> None:
    """At the second one's first step the generator becomes its average, and stays that."""
    states = []
    for steps in range(1, 7):
        trained(tmp_path, steps, **PARTS)
        states.append(state(tmp_path))
        assert (tmp_path / "model").exists() == (steps > 4)  # words draw nothing before
    found = [changed(one, other) for one, other in pairwise(states)]
    later = {"encoder", "new judges"}
    assert found == [{"generator", "judge"}, later | {"generator"}, later, {"words"}, {"words"}]
    for one in states[2:]:
        for name, value in one["averaged"].items():
            assert torch.equal(value, one["generator"][name])
            torch.testing.assert_close(value, states[1]["averaged"][name])


def test_what_is_kept_draws_inverts_and_reads(trained: Trained, tmp_path: Path) -> None:
    averaged = trained(tmp_path, 4)
    parts = CiGan.read(tmp_path / "model").networks.generator
    assert isinstance(parts, CiGanNetworks)
    learnt = state(tmp_path)
    for network, kept in (
        (parts.generator, averaged),
        (parts.encoder, learnt["encoder"]),
        (parts.words, learnt["words"]),
    ):
        for name, value in network.state_dict().items():
            torch.testing.assert_close(value, kept[name], rtol=1e-2, atol=2e-2, msg=name)
    assert parts.deviation != 1  # of codes, which was measured
    drawing = CiGan.read(tmp_path / "model").painted(VOCABULARY.encode("a red dog", 6), 0)
    assert drawing.picture.shape == (64, 64, 3)


def test_the_penalty_is_taken_lazily(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, step = list[str](), Player.step

    def recording(player: Player, run: Run, losses: dict[str, torch.Tensor]) -> None:
        taken.extend(losses)
        step(player, run, losses)

    monkeypatch.setattr(Player, "step", recording)
    trained(tmp_path, 8, drawing=4, inverting=3, lazy=3)
    assert taken.count("penalty") == 2  # of steps 0 to 3
    assert taken.count("new_penalty") == 1  # of steps 4 to 6
    assert taken.count("believed") == 4
    assert taken.count("alignment") == 1


def test_a_parts_rate_falls_in_its_second_half() -> None:
    assert [halfway(step, 4) for step in (-9, 0, 2, 3, 4, 9)] == [1, 1, 1, 0.5, 0, 0]


def test_it_learns_in_half_precision(
    dataset: Dataset, damsm: Damsm, eyes: Path, tmp_path: Path
) -> None:
    """A step of each part at least."""
    train = partial(train_cigan, trunk=eyes, precision="bf16-mixed")
    averaged = Trained(train, CiGanTraining.tiny(), dataset, damsm)(tmp_path, 4)
    assert all(value.isfinite().all() for value in averaged.values())


@pytest.mark.parametrize("steps", [1, 2])
def test_too_few_steps_for_the_words_are_refused(
    dataset: Dataset, damsm: Damsm, tmp_path: Path, steps: int
) -> None:
    training = replace(CiGanTraining.tiny(), steps=steps)
    with pytest.raises(InputError, match=f"in {steps} steps.*more than 2 steps"):
        train_cigan(training, dataset, tmp_path, damsm=damsm)
    assert not any(tmp_path.iterdir())


def test_eyes_that_are_not_there_are_told(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    missing = tmp_path / "lite0.pth"
    with pytest.raises(InputError, match="EfficientNet-lite0"):
        train_cigan(CiGanTraining.tiny(), dataset, tmp_path, trunk=missing, damsm=damsm)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
