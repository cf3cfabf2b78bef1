import json
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from trecs.interface.examples import examples
from trecs.narrative import dumps, loads
from trecs.narrative.collection import FileCollection

TOLD = [dumps(one.narrative) for one in examples()]


def test_lines_are_read_and_bad_ones_named(tmp_path: Path):
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join([TOLD[0], "{", "", TOLD[1], '{"caption": ""}', TOLD[2]]), "utf-8")
    collection = FileCollection(path)
    assert [entry.name for entry in collection.entries] == ["line 1", "line 4", "line 6"]
    assert [bad.name for bad in collection.bad] == ["line 2", "line 5"]
    assert "not JSON" in collection.bad[0].reason
    for number, told in enumerate(TOLD[:3]):
        narrative, entry = loads(told), collection.entries[number]
        again = collection.narrative(number)
        assert again.caption == narrative.caption == " ".join(entry.words)
        assert entry.strokes == len(narrative.strokes)
        for stroke, other in zip(again.strokes, narrative.strokes, strict=True):
            assert np.array_equal(stroke, other)


def test_a_folder_holds_files_of_both_kinds(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.json").write_text(json.dumps(json.loads(TOLD[0]), indent=2), "utf-8")
    (tmp_path / "b.json").write_text("[]", "utf-8")
    (tmp_path / "deep" / "c.jsonl").write_text(f"{TOLD[1]}\n{TOLD[2]}\n", "utf-8")
    (tmp_path / "notes.txt").write_text("not read")
    collection = FileCollection(tmp_path)
    names = [entry.name for entry in collection.entries]
    assert names == ["a.json", "deep/c.jsonl, line 1", "deep/c.jsonl, line 2"]
    assert [bad.name for bad in collection.bad] == ["b.json"]
    assert collection.narrative(2).caption == loads(TOLD[2]).caption


def test_lines_in_a_file_called_json_are_lines(tmp_path: Path):
    path = tmp_path / "some.json"
    path.write_text(f"{TOLD[0]}\n{TOLD[1]}\n", "utf-8")
    assert len(FileCollection(path).entries) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no file or folder"),
        (b"", "no narrative that can be used"),
        (b"{\n", "The first, line 1"),
        (TOLD[0].encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_browsed_is_refused(tmp_path: Path, content: bytes | None, told: str):
    path = tmp_path / "some.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        FileCollection(path)


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"no file that ends in \.json"):
        FileCollection(tmp_path)


def test_a_file_that_is_gone_by_now_is_told(tmp_path: Path):
    path = tmp_path / "some.jsonl"
    path.write_text(f"{TOLD[0]}\n", "utf-8")
    collection = FileCollection(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        collection.narrative(0)
