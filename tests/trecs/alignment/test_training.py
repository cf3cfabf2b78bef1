from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from tests.trecs.data.captioned import captioned
from trecs.alignment.likelihood import Case, fitted
from trecs.alignment.model import AlignmentModel, Where
from trecs.alignment.terms import Weights
from trecs.alignment.training import AlignmentTraining, train_alignment
from trecs.alignment.typists import Noun, Typed
from trecs.data.dataset import Dataset
from trecs.narrative import Narrative, Word


def test_what_is_trained_is_read_and_knows_places(tmp_path: Path) -> None:
    dataset = captioned(tmp_path / "data")
    train_alignment(AlignmentTraining.tiny(), dataset, tmp_path / "run")
    model = AlignmentModel.load(tmp_path / "run" / "model")
    ratios = model.where.log_ratio(np.array([[0, 0, 1, 0.3], [0.4, 0.5, 0.6, 0.9]]), [0, 17, 123])
    assert ratios.shape == (2, 3)
    assert (ratios >= np.log(model.config.astray)).all()


def test_too_few_masks_are_told(tmp_path: Path) -> None:
    (tmp_path / "narratives").mkdir(parents=True)
    (tmp_path / "narratives" / "train.jsonl").write_text("")
    with pytest.raises(InputError, match="masks of photos"):
        train_alignment(AlignmentTraining.tiny(), Dataset(tmp_path), tmp_path / "run")


def test_the_likeliest_weights_tell_typists_who_lead_from_those_who_follow() -> None:
    words = tuple(Word(word, i, i + 0.4) for i, word in enumerate("dog grass sky".split()))

    def case(drawn_at: float, meant: int) -> Case:
        ring = np.column_stack([np.cos(np.arange(9)), np.sin(np.arange(9)), np.zeros(9)]) / 9 + 0.5
        stroke = ring + np.array([0, 0, drawn_at - ring[0, 2]])
        told = Typed(Narrative(words, (stroke,)), (Noun(0, meant, meant + 1),))
        found = Case.of(told, [17, 123, 156], Where({}, 1.0))
        assert found is not None
        return found

    follows, _ = fitted([case(0.7, 0), case(1.7, 1)] * 20)
    leads, surprise = fitted([case(0.7, 1), case(1.7, 2)] * 20)
    assert leads.leads > follows.leads
    assert leads.passed_over == follows.passed_over == Weights().passed_over  # it is given
    assert surprise < np.log(3)
    assert isinstance(follows, Weights)
    assert torch.isfinite(torch.tensor(follows.vector())).all()
