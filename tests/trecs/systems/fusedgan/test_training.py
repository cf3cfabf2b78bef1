import shutil
from pathlib import Path

import pytest
import torch

from tests.trecs.data.captioned import captioned
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.data.described import described_photos
from trecs.learning.loop import Player
from trecs.learning.run import Run
from trecs.systems.fusedgan.recipe import (
    FusedGanTraining,
    PartlyToldBatches,
    train_fusedgan,
    untold_photos,
)
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_fusedgan, FusedGanTraining.tiny(), dataset, damsm)


@pytest.fixture
def partly_told(tmp_path: Path) -> Dataset:
    """Four photos with captions, and one without."""
    flickr = captioned(tmp_path / "data").folder / "flickr"
    for part, ending in (("images", "jpg"), ("labels", "png")):
        shutil.copy(flickr / part / f"aa.{ending}", flickr / part / f"af.{ending}")
    return Dataset(tmp_path / "data")


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_both_branches_and_the_structure_learn(trained: Trained, tmp_path: Path) -> None:
    before, after = trained(tmp_path, 1), trained(tmp_path, 2)
    for part in ("fused_block", "uncondition_generator", "condition_generator"):
        names = [name for name in before if name.startswith(f"{part}.")]
        assert names
        assert not all(torch.equal(before[name], after[name]) for name in names)


def test_the_pairs_take_turns_the_one_without_a_text_first(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, step = list[str](), Player.step

    def recording(player: Player, run: Run, losses: dict[str, torch.Tensor]) -> None:
        taken.append(next(iter(losses)))
        step(player, run, losses)

    monkeypatch.setattr(Player, "step", recording)
    trained(tmp_path, 1)
    assert taken == ["judge_alone", "alone", "judge_told", "told"]


def test_photos_without_a_text_are_seen_by_the_branch_without_one(
    partly_told: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    told = described_photos(partly_told)
    untold = untold_photos(partly_told, told)
    assert [photo.name for photo in untold] == ["af"]
    batches = PartlyToldBatches(told, damsm.vocabulary, 6, side=16, batch=4, seed=0, untold=untold)
    assert (len(batches.squares), len(batches.every)) == (4, 5)
    photos, texts, further = batches[0]
    assert photos.shape == further.shape == (4, 3, 16, 16)
    assert len(texts) == 4
    assert all(torch.equal(one, other) for one, other in zip(batches[0][2], further, strict=True))
    train_fusedgan(FusedGanTraining.tiny(), partly_told, tmp_path / "run", damsm=damsm)
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
