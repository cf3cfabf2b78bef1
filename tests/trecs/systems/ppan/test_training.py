from functools import partial
from pathlib import Path
from unittest import mock

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.matching_aware import another
from trecs.systems.ppan import recipe
from trecs.systems.ppan.losses import naming_loss
from trecs.systems.ppan.recipe import PpanTraining, train_ppan
from trecs.systems.ppan.system import Ppan


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm, eyes: Path) -> Trained:
    return Trained(partial(train_ppan, trunk=eyes), PpanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_all_levels_learn_at_once(trained: Trained, tmp_path: Path) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    for part in ("begin", "finer16", "finer64", "level16", "level64"):
        names = [name for name in before if name.startswith(f"{part}.")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names)


def test_what_looks_at_photos_teaches_the_pyramid(trained: Trained, tmp_path: Path) -> None:
    """Its weight is all that differs: a large one, as Adam's first step takes but signs."""
    with_it, without, again = (
        trained(tmp_path / str(number), 1, likeness=weight)
        for number, weight in enumerate((20.0, 0.0, 0.0))
    )
    names = [name for name in with_it if name.startswith("level64.")]
    assert not all(torch.equal(with_it[name], without[name]) for name in names)
    assert all(torch.equal(again[name], without[name]) for name in names)


def test_wrong_photos_are_named_by_their_own_classes(trained: Trained, tmp_path: Path) -> None:
    """They are the neighbours', beside whose texts they stand."""
    with mock.patch.object(recipe, "naming_loss", wraps=naming_loss) as named:
        trained(tmp_path, 4)
    told = [call.args[1:] for call in named.call_args_list]
    assert len(told) == 4
    assert not all(torch.equal(classes, wrong) for classes, wrong in told)
    assert all(torch.equal(another(classes), wrong) for classes, wrong in told)


def test_every_level_is_shown(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1)
    caption = VOCABULARY.encode("a red dog", 6)
    drawing = Ppan.read(tmp_path / "model").painted(caption, 0)
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture


def test_eyes_that_are_not_there_are_told(dataset: Dataset, damsm: Damsm, tmp_path: Path) -> None:
    missing = tmp_path / "lite0.pth"
    with pytest.raises(InputError, match="EfficientNet-lite0"):
        train_ppan(PpanTraining.tiny(), dataset, tmp_path, trunk=missing, damsm=damsm)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
