from dataclasses import replace
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.mirrorgan.captioner_training import CaptionerTraining
from trecs.systems.mirrorgan.recipe import MirrorGanTraining, train_mirrorgan
from trecs.systems.mirrorgan.system import MirrorGan
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_mirrorgan, MirrorGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_the_captioner_learns_first_and_once(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1)
    state = tmp_path / "captioner" / "state.pt"
    assert torch.load(state, weights_only=True)["done"] == CaptionerTraining.tiny().steps
    written = state.stat().st_mtime_ns
    trained(tmp_path, 2)
    assert state.stat().st_mtime_ns == written


def test_no_generator_learns_before_the_captioner_has(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    train_mirrorgan(MirrorGanTraining.tiny(), dataset, tmp_path, damsm=damsm, minutes=0)
    assert (tmp_path / "captioner" / "state.pt").is_file()
    assert not (tmp_path / "state.pt").exists()
    trained(tmp_path, 1)
    assert (tmp_path / "state.pt").is_file()


def test_what_is_read_back_teaches_the_generator(trained: Trained, tmp_path: Path) -> None:
    """The same steps but for the weight of the captions."""
    with_it = trained(tmp_path / "with", 2, read_back=10.0)
    without = trained(tmp_path / "without", 2, read_back=0.0)
    assert any(not torch.equal(with_it[name], without[name]) for name in with_it)
    again = trained(tmp_path / "again", 2, read_back=0.0)
    assert all(torch.equal(again[name], without[name]) for name in again)


def test_stages_and_attention_are_shown(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1)
    caption = VOCABULARY.encode("a red dog", 6)
    drawing = MirrorGan.read(tmp_path / "model").painted(caption, 0)
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.attention
    assert drawing.attention.words == caption.words
    shapes = {name: maps.shape for name, maps in drawing.attention.maps.items()}
    assert shapes == {"stage 2": (3, 16, 16), "stage 3": (3, 32, 32)}


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)


@pytest.mark.parametrize(("batch", "captioner"), [(2, 5), (1, 2)])
def test_both_batches_can_be_drawn_or_nothing_learns(
    trained: Trained, tmp_path: Path, batch: int, captioner: int
) -> None:
    numbers = replace(CaptionerTraining.tiny(), batch=captioner)
    with pytest.raises(InputError, match="from the 4 photos"):
        trained(tmp_path, 1, batch=batch, captioner=numbers)
    assert not (tmp_path / "captioner").exists()
