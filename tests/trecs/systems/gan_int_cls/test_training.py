from pathlib import Path

import pytest
import torch

from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.gan_int_cls.recipe import GanIntClsTraining, train_gan_int_cls
from trecs.systems.gan_int_cls.system import GanIntCls
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_gan_int_cls, GanIntClsTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_what_reads_learns_nothing_and_texts_between_two_count(
    trained: Trained, tmp_path: Path
) -> None:
    with_int = trained(tmp_path / "int", 1)
    without = trained(tmp_path / "cls", 1, interpolation=False)
    assert not torch.equal(with_int["net.0.weight"], without["net.0.weight"])
    own = trained.damsm.networks.text_encoder.state_dict()
    kept = GanIntCls.read(tmp_path / "int" / "model").networks.text_encoder.state_dict()
    assert all(torch.allclose(kept[name], own[name], atol=1e-3) for name in own)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
