import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from segmentation.errors import InputError
from trecs.tagger import Tagger
from trecs.tagger_network import Batch, TaggerConfig, TaggerNetwork
from trecs.training import tagger as training
from trecs.training.run import Run
from trecs.training.tagger import TaggerTraining, train
from trecs.wordpieces import END, MASK, PAD, SPECIAL, START, WordPieces


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
    other = Tagger.load(tmp_path / "run" / "model")
    other.config = replace(other.config, chain_weight=0.5)
    other.save(tmp_path / "other")
    with pytest.raises(InputError, match="another --out"):
        train(config, data, tmp_path / "run", start=tmp_path / "other")


def test_a_run_can_begin_with_a_tagger(data: Path, tmp_path: Path) -> None:
    config = replace(TaggerTraining.tiny(), steps=1, warmup=100, average=0.0)  # hardly moves
    start = train(replace(TaggerTraining.tiny(), seed=7), data, tmp_path / "start")
    words = "a dog on the grass".split()
    expected = Tagger.load(start).tag(words).probabilities
    found = Tagger.load(train(config, data, tmp_path / "run", start=start)).tag(words)
    np.testing.assert_allclose(found.probabilities, expected, atol=0.01)
    whole = replace(config, keep=1.0, steps=12, average=0.0)
    kept = Tagger.load(train(whole, data, tmp_path / "kept", start=start)).tag(words)
    np.testing.assert_allclose(kept.probabilities, expected, atol=1e-4)
    afresh = Tagger.load(train(config, data, tmp_path / "afresh")).tag(words)
    assert np.abs(afresh.probabilities - expected).max() > 0.05


def test_it_learns(data: Path, tmp_path: Path) -> None:
    config = replace(TaggerTraining.tiny(), steps=150, average=0.9, plain=1)
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
    assert [len(batch) for batch in batches] == [2, 2, 2]
    assert len(set(np.concatenate(batches))) == 6
    again = training._order([5, 40, 6, 41, 7, 42, 8], batch=2, seed=2)
    assert {7 * 3 - sum(np.concatenate(b)) for b in (batches, again)} <= set(range(7))


def test_all_narratives_come_where_they_make_no_whole_batch() -> None:
    assert sorted(training._order([5, 40, 6], batch=4, seed=1)[0]) == [0, 1, 2]


def test_the_layers_nearer_to_the_words_learn_more_slowly() -> None:
    network = TaggerNetwork(TaggerConfig.tiny(9))
    config = replace(TaggerTraining(), rate=1.0, head_rate=4.0, layer_decay=0.5)
    network.bert.piece.requires_grad_(False)
    rates = {
        id(p): group["peak"] for group in training._groups(network, config) for p in group["params"]
    }
    assert id(network.bert.piece.weight) not in rates
    assert rates[id(network.bert.position.weight)] == 0.25
    assert rates[id(network.bert.encoder.layers[0].linear1.weight)] == 0.5
    assert rates[id(network.bert.encoder.layers[1].linear1.bias)] == 1.0
    assert rates[id(network.classify.weight)] == rates[id(network.lstm.weight_ih_l0)] == 4.0


def test_only_pieces_of_words_are_masked() -> None:
    pieces = WordPieces((*SPECIAL, "dog"))
    batch = Batch.of(pieces, [["dog", "dog"], ["dog"]])
    masked = training._masked(batch, 1.0).pieces.tolist()
    assert masked == [[START, MASK, MASK, END], [START, MASK, END, PAD]]
    assert torch.equal(training._masked(batch, 0.0).pieces, batch.pieces)


def test_a_bert_that_is_not_there_is_named_before_anything_is_written(
    data: Path, tmp_path: Path
) -> None:
    config = replace(TaggerTraining(), bert="/nowhere/bert")
    with pytest.raises(InputError, match="No BERT '/nowhere/bert'"):
        train(config, data, tmp_path / "run")
    assert not (tmp_path / "run").exists()
