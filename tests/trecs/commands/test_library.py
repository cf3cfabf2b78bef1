import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from retrieval.encoder import DualEncoder
from retrieval.encoder_config import EncoderConfig
from retrieval.library import SceneLibrary
from segmentation.labels import value_of
from tests.retrieval import models
from tests.retrieval.scenes import DOG, write
from trecs.cli import main
from trecs.tagging.tagger import Tagger, Tags

WORDS = ("a", "dog", "grass", "on")


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    encoder = DualEncoder(EncoderConfig.tiny(len(WORDS)), WORDS).eval()
    encoder.save(tmp_path / "checkpoints" / "encoder")
    write(tmp_path / "checkpoints" / "library")
    encoder.embed(tmp_path / "checkpoints" / "library")
    return tmp_path / "checkpoints"


@pytest.fixture
def instances(tmp_path):
    image = {"id": 1, "file_name": "photo.jpg", "width": 40, "height": 30}
    dog = {
        "id": 1,
        "image_id": 1,
        "category_id": value_of("dog") + 1,
        "segmentation": [[5, 5, 25, 5, 25, 25]],
    }
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({"images": [image], "annotations": [dog]}))
    return path


def library(*arguments):
    return main(["library", *map(str, arguments)])


def test_build_writes_a_library_with_embeddings(checkpoint, instances, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ("--instances", instances, "--out", out, "--checkpoint", checkpoint)
    assert library("build", *arguments) == 0
    printed = capsys.readouterr().out
    assert "1 scenes with 1 masks" in printed
    assert "1 scenes have things only" in printed
    assert SceneLibrary.open(out).embeddings.shape[0] == 1
    assert library("search", "a dog", "--library", out, "--checkpoint", checkpoint) == 0
    assert re.fullmatch(r"1\t-?\d\.\d{3}\tphoto\tdog\n", capsys.readouterr().out)


def test_bad_input_is_one_line_and_leaves_nothing(checkpoint, instances, tmp_path, capsys):
    instances.write_text("{")
    out = tmp_path / "out"
    arguments = ("--instances", instances, "--out", out, "--checkpoint", checkpoint)
    assert library("build", *arguments) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "instances.json" in complaint
    assert not out.exists()


def test_a_missing_encoder_is_noticed_before_the_work(instances, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ("--instances", instances, "--out", out, "--checkpoint", tmp_path / "none")
    assert library("build", *arguments) == 2
    assert "encoder" in capsys.readouterr().err
    assert not out.exists()


def test_search_ranks_scenes(checkpoint, capsys):
    assert library("search", "a dog on grass", "-k", 2, "--checkpoint", checkpoint) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["1", "2"]
    assert float(rows[0][1]) >= float(rows[1][1])
    assert {row[2] for row in rows} < {"meadow", "beach", "kennel"}


def test_search_refuses_unknown_words_and_foreign_embeddings(checkpoint, capsys):
    assert library("search", "猫 xyzzy", "--checkpoint", checkpoint) == 2
    assert "knows no word" in capsys.readouterr().err
    torch.manual_seed(1)
    other = DualEncoder(EncoderConfig.tiny(len(WORDS)), WORDS).eval()
    other.save(checkpoint / "encoder")
    assert library("search", "a dog", "--checkpoint", checkpoint) == 2
    assert "another encoder" in capsys.readouterr().err


def test_embed_makes_a_library_the_encoders_own(checkpoint, capsys):
    torch.manual_seed(1)
    other = DualEncoder(EncoderConfig.tiny(len(WORDS)), WORDS).eval()
    other.save(checkpoint / "encoder")
    assert library("embed", "--checkpoint", checkpoint) == 0
    assert other.fingerprint in capsys.readouterr().out
    embedded = SceneLibrary.open(checkpoint / "library")
    assert embedded.encoder_fingerprint == other.fingerprint
    assert len(list(embedded.folder.glob("embeddings-*.npy"))) == 1
    assert library("search", "a dog", "--checkpoint", checkpoint) == 0


def test_search_reads_the_taggers_label_weights(checkpoint, monkeypatch, capsys):
    def tag(words):
        assert words == ["a", "dog"]
        return Tags(np.full(2, DOG, np.uint8), np.eye(182, dtype=np.float32)[[DOG, DOG]])

    asked = []
    encode = DualEncoder.encode_text

    def listen(encoder, words, labels=None):
        asked.append(labels)
        return encode(encoder, words, labels)

    monkeypatch.setattr(DualEncoder, "encode_text", listen)
    assert library("search", "a dog", "--checkpoint", checkpoint) == 0
    (checkpoint / "tagger").mkdir()
    monkeypatch.setattr(Tagger, "load", lambda folder: SimpleNamespace(tag=tag))
    assert library("search", "a dog", "--checkpoint", checkpoint) == 0
    assert asked[0] is None
    assert asked[1].argmax(1).tolist() == [DOG, DOG]


@pytest.mark.parametrize("count", ["0", "-3", "many", "9999999999"])
def test_search_refuses_other_counts(checkpoint, count, capsys):
    with pytest.raises(SystemExit, match="2"):
        library("search", "a dog", f"-k={count}", "--checkpoint", checkpoint)
    assert "whole number" in capsys.readouterr().err


def test_info_counts_the_masks_of_each_label(checkpoint, capsys):
    assert library("info", "--checkpoint", checkpoint) == 0
    printed = capsys.readouterr().out
    assert "made up for tests" in printed
    assert re.search(r"^ +14 dog$", printed, re.MULTILINE)
    assert "zebra" not in printed


def test_info_of_no_library(tmp_path, capsys):
    assert library("info", "--library", tmp_path) == 2
    assert "library.json is missing" in capsys.readouterr().err


def test_generate_writes_a_library_with_embeddings(checkpoint, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("retrieval.shapes.load", lambda folder: models.shape_model())
    monkeypatch.setattr("retrieval.layouts.load", lambda folder: models.layout_model())
    out = tmp_path / "out"
    assert library("generate", "--scenes", 3, "--out", out, "--checkpoint", checkpoint) == 0
    assert "3 scenes" in capsys.readouterr().out
    assert SceneLibrary.open(out).embeddings.shape[0] == 3


def test_build_reads_everyday_names_and_tells_what_it_left_out(
    checkpoint, instances, tmp_path, capsys
):
    record = json.loads(instances.read_text())
    dog = record["annotations"][0] | {"category_id": 1}
    record["annotations"] = [dog, dog | {"id": 2, "category_id": 2}]
    record["categories"] = [{"id": 1, "name": "puppy"}, {"id": 2, "name": "crack"}]
    instances.write_text(json.dumps(record))
    arguments = ("--instances", instances, "--out", tmp_path / "out", "--checkpoint", checkpoint)
    assert library("build", *arguments, "--strict") == 2
    assert "'crack', which is no label" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert library("build", *arguments) == 0
    printed = capsys.readouterr().out
    assert "'puppy' as dog" in printed
    assert "left out 1 of 2 annotations" in printed
    assert SceneLibrary.open(tmp_path / "out").labels.tolist() == [value_of("dog")]


def test_build_keeps_photos_with_an_instances_file_or_with_label_maps(
    checkpoint, instances, tmp_path, capsys
):
    for folder in ("photos", "labels"):
        (tmp_path / folder).mkdir()
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(tmp_path / "photos" / "photo.jpg")
    painted = np.full((30, 40), value_of("grass"), np.uint8)
    Image.fromarray(painted).save(tmp_path / "labels" / "photo.png")
    out, photos = tmp_path / "out", ("--photos", tmp_path / "photos")
    arguments = ("build", "--out", out, "--checkpoint", checkpoint, *photos)
    assert library(*arguments, "--instances", instances) == 0
    assert "1 scenes keep their photo" in capsys.readouterr().out
    assert library(*arguments, "--labels", tmp_path / "labels") == 0
    assert "1 scenes with 1 masks, each with its photo" in capsys.readouterr().out
    kept = SceneLibrary.open(out)
    assert kept.photos is not None
    assert kept.photos.read(0).shape == (30, 40, 3)
    assert library("info", "--library", out, "--checkpoint", checkpoint) == 0
    assert "photos    1\n" in capsys.readouterr().out
    assert library(*arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
