import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.learning.run import Run
from trecs.tagging import course as tagger_course
from trecs.tagging import training as training
from trecs.tagging.course import TaggerTraining
from trecs.tagging.network import TaggerConfig, TaggerNetwork
from trecs.tagging.tagger import Tagger
from trecs.tagging.training import train_tagger


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
    config = TaggerTraining.tiny()  # two teachers of 4 steps, a student of 12, 3 more
    whole = train_tagger(config, Dataset(data), tmp_path / "whole")

    due, calls = Run.due, []

    def stops_now_and_then(run: Run) -> bool:
        calls.append(1)
        run.over = len(calls) in (5, 12, 22)
        return due(run)

    def step_of(folder: str) -> int:
        path = tmp_path / "parts" / folder / "state.pt"
        return int(torch.load(path, weights_only=True)["done"])

    with monkeypatch.context() as patch:
        patch.setattr(Run, "due", stops_now_and_then)
        stopped = train_tagger(config, Dataset(data), tmp_path / "parts")
        assert stopped == tmp_path / "parts" / "teacher1" / "model"
        assert (step_of("teacher0"), step_of("teacher1")) == (4, 1)
        stopped = train_tagger(config, Dataset(data), tmp_path / "parts")
        assert stopped == tmp_path / "parts" / "student" / "model"
        assert (step_of("teacher1"), step_of("student")) == (4, 4)
        stopped = train_tagger(config, Dataset(data), tmp_path / "parts")
        assert stopped == tmp_path / "parts" / "last0" / "model"
        assert (step_of("student"), step_of("last0")) == (12, 2)
    torch.manual_seed(99)
    parts = train_tagger(config, Dataset(data), tmp_path / "parts")

    assert (whole / "vocab.txt").read_bytes() == (parts / "vocab.txt").read_bytes()
    expected, found = (load_file(f / "model.safetensors") for f in (whole, parts))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def test_a_finished_run_only_writes_its_model(data: Path, tmp_path: Path) -> None:
    config = TaggerTraining.tiny()
    train_tagger(config, Dataset(data), tmp_path / "run")
    before = (tmp_path / "run" / "model" / "model.safetensors").read_bytes()
    model = train_tagger(config, Dataset(data), tmp_path / "run")
    assert (model / "model.safetensors").read_bytes() == before


def test_a_run_of_another_model_is_not_continued(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TaggerTraining.tiny()
    train_tagger(config, Dataset(data), tmp_path / "run")
    monkeypatch.setattr(TaggerConfig, "tiny", partial(TaggerConfig, width=24, heads=2))
    with pytest.raises(InputError, match="another --out"):
        train_tagger(config, Dataset(data), tmp_path / "run")


def test_a_narrative_set_aside_teaches_nothing_but_the_temperature(
    data: Path, tmp_path: Path
) -> None:
    config = TaggerTraining.tiny()
    before = train_tagger(config, Dataset(data), tmp_path / "before")
    path = data / "narratives" / "train.jsonl"
    lines = path.read_text().splitlines()
    assert json.loads(lines[0])["image_id"] == 20
    path.write_text("\n".join([lines[0].replace('"dog", "dog"', '"cat", "cat"'), *lines[1:]]))
    after = train_tagger(config, Dataset(data), tmp_path / "after")
    expected, found = (
        torch.load(run.parent / "teacher0" / "state.pt", weights_only=True)["averaged"]
        for run in (before, after)
    )
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
    kept = load_file(after.parent / "teacher0" / "model" / "model.safetensors")["classify.bias"]
    temperature = found["classify.bias"].norm() / kept.norm()
    torch.testing.assert_close(kept * temperature, found["classify.bias"])
    assert temperature.item() != pytest.approx(1)


def test_a_teacher_speaks_only_of_what_it_has_not_seen(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, taught = tagger_course.fit, training._taught
    seen: list[set[int]] = []
    spoken_of: list[set[int]] = []

    def notes_lessons(
        config: TaggerTraining, start: Tagger, learned: Any, folder: Path, **others: Any
    ) -> bool:
        seen.append({id(lesson.tags) for lesson in learned})
        return fit(config, start, learned, folder, **others)

    def notes_fold(teacher: Tagger, fold: Any, share: float) -> Any:
        spoken_of.append({id(lesson.tags) for lesson in fold})
        return taught(teacher, fold, share)

    monkeypatch.setattr(training, "fit", notes_lessons)
    monkeypatch.setattr(training, "_taught", notes_fold)
    train_tagger(TaggerTraining.tiny(), Dataset(data), tmp_path / "run")
    assert [len(some) for some in seen] == [5, 5, 10, 10]
    assert [len(some) for some in spoken_of] == [5, 5]
    assert all(not learned & heard for learned, heard in zip(seen, spoken_of, strict=False))
    assert seen[2] == seen[3] == spoken_of[0] | spoken_of[1]


def test_the_tagger_has_the_mean_weights_of_the_student_and_the_last_courses(
    data: Path, tmp_path: Path
) -> None:
    config = replace(TaggerTraining.tiny(), finals=2)
    model = train_tagger(config, Dataset(data), tmp_path / "run")
    name = "bert.encoder.layers.1.linear1.bias"
    student, *lasts = (
        load_file(tmp_path / "run" / part / "model" / "model.safetensors")[name]
        for part in ("student", "last0", "last1")
    )
    assert not torch.equal(*lasts)
    expected = (student + lasts[0] + lasts[1]) / 3
    found = load_file(model / "model.safetensors")[name]
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def test_too_few_narratives_for_the_teachers_are_refused(data: Path, tmp_path: Path) -> None:
    path = data / "narratives" / "train.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[:2]))
    with pytest.raises(InputError, match="too few for 2 teachers"):
        train_tagger(TaggerTraining.tiny(), Dataset(data), tmp_path / "run")


def test_it_learns(data: Path, tmp_path: Path) -> None:
    config = replace(TaggerTraining.tiny(), steps=150, average=0.9, plain=1)
    tagger = Tagger.load(train_tagger(config, Dataset(data), tmp_path / "run"))
    labels = tagger.tag("we see a red bus".split()).labels
    np.testing.assert_array_equal(labels, [5] * 5)
    assert tagger.tag(["dog"]).labels[0] == 17


def test_a_folder_without_narratives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"narratives/train\.jsonl"):
        train_tagger(TaggerTraining.tiny(), Dataset(tmp_path), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_layers_nearer_to_the_words_learn_more_slowly() -> None:
    network = TaggerNetwork(TaggerConfig.tiny(9))
    config = replace(TaggerTraining(), rate=1.0, head_rate=4.0, layer_decay=0.5)
    network.bert.piece.requires_grad_(False)
    rates = {
        id(p): group["lr"]
        for group in tagger_course._groups(network, config)
        for p in group["params"]
    }
    assert id(network.bert.piece.weight) not in rates
    assert rates[id(network.bert.position.weight)] == 0.25
    assert rates[id(network.bert.encoder.layers[0].linear1.weight)] == 0.5
    assert rates[id(network.bert.encoder.layers[1].linear1.bias)] == 1.0
    assert rates[id(network.classify.weight)] == rates[id(network.lstm.weight_ih_l0)] == 4.0


def test_a_bert_that_is_not_there_is_named_before_anything_is_written(
    data: Path, tmp_path: Path
) -> None:
    config = replace(TaggerTraining(), bert="/nowhere/bert")
    with pytest.raises(InputError, match="No BERT '/nowhere/bert'"):
        train_tagger(config, Dataset(data), tmp_path / "run")
    assert not (tmp_path / "run").exists()
