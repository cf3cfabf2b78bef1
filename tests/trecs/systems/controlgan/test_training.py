from functools import partial
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import Tensor

from files.errors import InputError
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.controlgan import recipe
from trecs.systems.controlgan.losses import correlation_loss
from trecs.systems.controlgan.recipe import ControlGanTraining, train_controlgan, verdicts_of
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.discriminator import Discriminator

WORDS = ("words.perception.weight", "words.scale", "words.threshold")


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm, eyes: Path) -> Trained:
    train = partial(train_controlgan, trunk=eyes)
    return Trained(train, ControlGanTraining.tiny(), dataset, damsm)


def judges(folder: Path) -> dict[str, Tensor]:
    """What the judges of a run have learnt."""
    found: dict[str, Tensor] = torch.load(folder / "state.pt", weights_only=True)["judges"]
    return found


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_stages_and_their_attentions_learn_at_once(trained: Trained, tmp_path: Path) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    parts = ("h_net1", "img_net1", "img_net2", "img_net3", "h_net2.att.conv_context",
             "h_net3.att.conv_context", "h_net2.channel_att.conv_context2",
             "h_net3.channel_att.conv_context3", "h_net3.residual")  # fmt: skip
    for part in parts:
        names = [name for name in before if name.startswith(f"{part}.")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names), part


def test_the_word_level_judge_learns_of_photos_own_and_others_captions(
    trained: Trained, tmp_path: Path
) -> None:
    with mock.patch.object(recipe, "correlation_loss", wraps=correlation_loss) as lost:
        trained(tmp_path, 1)
    (call,) = lost.call_args_list
    own, others = call.args
    assert not torch.equal(own, others)
    assert own.requires_grad
    before = judges(tmp_path)
    trained(tmp_path, 2)
    after = judges(tmp_path)
    for name in WORDS:
        assert not torch.equal(before[name], after[name]), name


def test_its_perception_begins_as_the_matching_models(trained: Trained, tmp_path: Path) -> None:
    """One step of Adam takes each number at most its rate away from there."""
    trained(tmp_path, 1)
    begun = trained.damsm.networks.image_encoder.emb_features.weight
    moved = (judges(tmp_path)[WORDS[0]] - begun).abs().max()
    assert 0 < moved.item() <= ControlGanTraining().judge_rate * 1.01


@pytest.mark.parametrize("weight", ["correlation", "likeness", "matching", "trunk"])
def test_each_teacher_teaches_the_generator(trained: Trained, tmp_path: Path, weight: str) -> None:
    """Its weight is all that differs: a large one, as Adam's first step takes but signs."""
    with_it = trained(tmp_path / "with", 1, **{weight: 20.0})
    without = trained(tmp_path / "without", 1, **{weight: 0.0})
    again = trained(tmp_path / "again", 1, **{weight: 0.0})
    assert any(not torch.equal(with_it[name], without[name]) for name in with_it)
    assert all(torch.equal(again[name], without[name]) for name in again)


def test_what_teaches_does_not_learn(trained: Trained, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in trained.damsm.networks.state_dict().items()}
    trained(tmp_path, 2)
    for name, value in trained.damsm.networks.state_dict().items():
        assert torch.equal(value, before[name]), name


@torch.no_grad()
def test_a_judge_sees_photos_and_pictures_as_one_batch() -> None:
    """Its norms know both while it learns; after that it says what it says of each alone."""
    torch.manual_seed(0)
    judge, sentence = Discriminator(16, 2, 4), torch.randn(3, 4)
    photos, pictures = torch.randn(2, 3, 3, 16, 16)
    real, drawn, wrong = verdicts_of(judge, photos, pictures, sentence)
    darker, _, _ = verdicts_of(judge, photos, pictures * 3, sentence)
    assert not torch.allclose(real.unconditional, darker.unconditional, atol=1e-3)
    judge.eval()
    real, drawn, wrong = verdicts_of(judge, photos, pictures, sentence)
    code = judge(photos)
    torch.testing.assert_close(real, judge.judge(code, sentence))
    torch.testing.assert_close(drawn, judge.judge(judge(pictures), sentence))
    torch.testing.assert_close(wrong, judge.judge_mismatched(code, sentence))


def test_eyes_that_are_not_there_are_told(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    missing = tmp_path / "lite0.pth"
    with pytest.raises(InputError, match="EfficientNet-lite0"):
        train_controlgan(ControlGanTraining.tiny(), dataset, tmp_path, trunk=missing, damsm=damsm)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
