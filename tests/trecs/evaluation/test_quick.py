from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.labels import UNLABELED
from trecs.data.dataset import Dataset
from trecs.evaluation import quick
from trecs.evaluation.cases import Case, TracedCases, cases_of
from trecs.evaluation.systems import chosen
from trecs.systems.interface import Home


def test_makes_a_data_folder_that_everything_reads(
    tmp_path: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(quick, "NARRATIVES", 3)
    monkeypatch.setattr(quick, "TRAINING_PHOTOS", 2)
    quick.make(checkpoints, tmp_path)
    dataset = Dataset(tmp_path)
    cases = cases_of(dataset)
    assert isinstance(cases, TracedCases)
    found = list(cases)
    assert len(found) == 3
    for case in found:
        assert isinstance(case, Case)
        assert case.tags is not None
        assert len(case.tags) == len(case.narrative.words)
        assert case.narrative.strokes
        assert case.image is not None
        with Image.open(case.image) as photo:
            assert photo.size == (quick.SIDE, quick.SIDE)
        assert case.labels is not None
        labels = np.asarray(Image.open(case.labels))
        assert (labels != UNLABELED).all()
        assert set(case.tags.tolist()) <= set(labels.ravel().tolist())
    assert len(dataset.photos(held_back=False)) == 2
    assert "photo" in chosen(None, Home(data=tmp_path))
