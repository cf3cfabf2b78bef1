import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from segmentation.errors import InputError
from trecs.tagger import Tagger
from trecs.training import tagger as training
from trecs.training.run import Run
from trecs.training.tagger import TaggerTraining, train


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Eleven narratives, that of photo 20 set aside."""
    folder = tmp_path / "data" / "narratives"
    folder.mkdir(parents=True)
    narratives = [
        ("a dog on the grass", "dog dog grass grass grass"),
        ("we see a red bus", "bus bus bus bus bus"),
    ]
    with (folder / "train.jsonl").open("w") as file:
        for i in range(20, 31):
            words, tags = narratives[i % 2]
            record = {"image_id": i, "annotator_id": 1, "words": words.split()}
            file.write(json.dumps({**record, "tags": tags.split()}) + "\n")
    return tmp_path / "data"


def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TaggerTraining.tiny()
    whole = train(config, data, tmp_path / "whole")

    due, calls = Run.due, []

    def stops_after_five_steps(run: Run) -> bool:
        calls.append(1)
        run.over = len(calls) == 5
        return due(run)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "due", stops_after_five_steps)
        train(config, data, tmp_path / "parts")
    assert torch.load(tmp_path / "parts" / "state.pt", weights_only=True)["step"] == 5
    assert len(calls) == 5
    torch.manual_seed(99)
    parts = train(config, data, tmp_path / "parts")

    assert (whole / "vocab.txt").read_bytes() == (parts / "vocab.txt").read_bytes()
    expected, found = (load_file(f / "model.safetensors") for f in (whole, parts))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def test_a_finished_run_only_writes_its_model(data: Path, tmp_path: Path) -> None:
    config = TaggerTraining.tiny()
    train(config, data, tmp_path / "run")
    before = (tmp_path / "run" / "model" / "model.safetensors").read_bytes()
    model = train(config, data, tmp_path / "run")
    assert (model / "model.safetensors").read_bytes() == before


def test_a_run_of_another_model_is_not_continued(data: Path, tmp_path: Path) -> None:
    config = replace(TaggerTraining.tiny(), steps=1)
    train(config, data, tmp_path / "run")
    with pytest.raises(InputError, match="another --out"):
        train(replace(config, at_least=3, small=False), data, tmp_path / "run")


def test_it_learns(data: Path, tmp_path: Path) -> None:
    config = replace(TaggerTraining.tiny(), steps=150, rate=2e-2, average=0.9, plain=1)
    tagger = Tagger.load(train(config, data, tmp_path / "run"))
    labels = tagger.tag("we see a red bus".split()).labels
    np.testing.assert_array_equal(labels, [5] * 5)
    assert tagger.tag(["dog"]).labels[0] == 17


def test_a_folder_without_narratives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"narratives/train\.jsonl"):
        train(TaggerTraining.tiny(), tmp_path, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_every_narrative_comes_once_an_epoch() -> None:
    batches = training._order([5, 40, 6, 41, 7, 42, 8], batch=2, seed=1)
    assert len(batches) == 3
    assert sorted(np.concatenate(batches)) == list(range(7))
