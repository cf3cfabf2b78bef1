import io
import sys
from pathlib import Path

import pytest
import torch

from retrieval.words import UNKNOWN
from segmentation.labels import NAMES
from trecs.cli import main
from trecs.tagging.network import TaggerConfig, TaggerNetwork
from trecs.tagging.tagger import Tagger
from trecs.text.wordpieces import SPECIAL, WordPieces
from trecs.text.words import Vocabulary


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    pieces = WordPieces((*SPECIAL, "a", "dog"))
    config = TaggerConfig.tiny(len(pieces))
    words = Vocabulary((UNKNOWN, "dog"))
    Tagger(config, pieces, words, TaggerNetwork(config)).save(tmp_path / "tagger")
    return tmp_path


def tag(monkeypatch: pytest.MonkeyPatch, checkpoint: Path, text: bytes) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    return main(["tag", "--checkpoint", str(checkpoint)])


def test_a_line_of_labels_for_every_line_of_words(monkeypatch, checkpoint, capsys) -> None:
    text = "a dog\n\nDog, dog\t sees  a 猫\n".encode() * 70 + b"a dog"
    assert tag(monkeypatch, checkpoint, text) == 0
    lines = capsys.readouterr().out.split("\n")
    assert [len(line.split(" ")) if line else 0 for line in lines] == [2, 0, 5] * 70 + [2, 0]
    assert set(" ".join(lines).split()) <= set(NAMES)
    assert lines[:3] == lines[207:210]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_input_may_have_a_byte_order_mark(monkeypatch, checkpoint, capsys, encoding) -> None:
    told = []
    for text in (b"dog\n\na dog", "dog\r\n\r\na dog".encode(encoding)):
        assert tag(monkeypatch, checkpoint, text) == 0
        told.append(capsys.readouterr().out)
    assert told[0].count("\n") == 3
    assert told[1] == told[0]


def test_control_characters_separate_words(monkeypatch, checkpoint, capsys) -> None:
    assert tag(monkeypatch, checkpoint, b"a\0dog \x01") == 0
    assert len(capsys.readouterr().out.split()) == 2


def test_nothing_in_gives_nothing(monkeypatch, checkpoint, capsys) -> None:
    assert tag(monkeypatch, checkpoint, b"") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a dog\n狗 🐕\n".encode(), "Line 2 of the input: None of these words is known: '狗'"),
        (b"a dog\n\n\xff\xfe\n", "The input is no text that can be read: line 3 is neither UTF-8"),
        (b"dog " * 1001, "Line 1 of the input has 1,001 words; at most 1,000"),
    ],
)
def test_a_bad_line_is_named(monkeypatch, checkpoint, capsys, text: bytes, message: str) -> None:
    assert tag(monkeypatch, checkpoint, text) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert err.count("\n") == 1
    assert out == ""


def test_a_missing_checkpoint_is_named(monkeypatch, tmp_path, capsys) -> None:
    assert tag(monkeypatch, tmp_path / "nowhere", b"a dog") == 2
    assert "No checkpoints in" in capsys.readouterr().err
