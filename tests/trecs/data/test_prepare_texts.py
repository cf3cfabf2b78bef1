"""Narratives in the encodings that people have, through `data prepare`."""

import json
from pathlib import Path

import pytest

from tests.trecs.data.test_prepare import NARRATIVE, coco
from trecs.cli import main

__all__ = ["coco"]  # the fixture
UNSORTED = {
    "timed_caption": [
        {"utterance": "dog", "start_time": 0.5, "end_time": 1.0},
        {"utterance": "a", "start_time": 0.0, "end_time": 0.5},
    ]
}


def prepared(coco: Path, out: Path, content: bytes) -> int:
    (coco / "coco_val_localized_narratives.jsonl").write_bytes(content)
    return main(["data", "prepare", str(coco), "--out", str(out)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_narrative_counts_and_no_empty_line(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    lines = [json.dumps(NARRATIVE), "", json.dumps({**NARRATIVE, **UNSORTED}), " ", ""]
    assert prepared(coco, tmp_path / "out", "\r\n".join(lines).encode(encoding)) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'out'}: 1 photos, 2 narratives\n"
    assert "unusable" not in err
    told = (tmp_path / "out/narratives/localized_dev.jsonl").read_text().splitlines()
    assert [json.loads(line)["caption"] for line in told] == ["a dog", "a dog"]


def test_the_first_unusable_narrative_is_told(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {**NARRATIVE, "traces": [[{"x": 320, "y": 10, "t": 1}]]}
    content = f"{json.dumps(NARRATIVE)}\n\n{json.dumps(wrong)}\n{{}}\n".encode()
    assert prepared(coco, tmp_path / "out", content) == 0
    out, err = capsys.readouterr()
    assert "1 narratives; left out: 2 unusable narratives" in out
    assert "the first unusable narrative is line 3 of" in err
    assert "Divide pixels by the picture's size" in err


def test_narratives_of_other_photos_are_counted(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps(NARRATIVE), json.dumps({**NARRATIVE, "image_id": "4711"})]
    assert prepared(coco, tmp_path / "out", "\n".join(lines).encode()) == 0
    told = "1 narratives; left out: 1 narratives of photos that are not here"
    assert told in capsys.readouterr().out


def test_what_is_no_text_is_named_with_its_line(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepared(coco, tmp_path / "out", b"\n" + "{'café'}".encode("latin-1")) == 2
    error = capsys.readouterr().err
    assert "coco_val_localized_narratives.jsonl' is no text that can be read: line 2 is" in error
    assert not (tmp_path / "out").exists()


def test_a_file_without_a_usable_narrative_is_refused(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.dumps([NARRATIVE, NARRATIVE]).encode()
    assert prepared(coco, tmp_path / "out", content) == 2
    assert "No narrative of the file can be used; the first is line 1" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
