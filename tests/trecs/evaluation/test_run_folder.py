import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from files.errors import InputError
from tests.conftest import ROOT
from trecs.evaluation.run_folder import (
    FORMAT,
    Drawn,
    Failed,
    Journals,
    Key,
    RunFolder,
    Settings,
    Shard,
)

KEY = Key("traced", "000001-1", 0)
SETTINGS = Settings("10-abc", 256, {"traced": "f00d"}, {"data": "here"})


def test_shards_split_everything_once():
    parts = [Shard(i, 3) for i in range(3)]
    finer = [part for shard in parts for part in shard.split(4)]
    for checksum in range(100):
        (shard,) = (part for part in parts if part.holds(checksum))
        (part,) = (part for part in finer if part.holds(checksum))
        assert part in shard.split(4)
    assert Shard(1, 4).name == "2-of-4"
    assert Shard().split(1) == [Shard()]


def test_journals_of_all_shards_are_read(tmp_path: Path):
    run = RunFolder(tmp_path)
    with Journals(run, Shard(0, 2)) as one, Journals(run, Shard(1, 2)) as other:
        one.add_drawn(Drawn(KEY, (1, 2), 0.5))
        other.add_drawn(Drawn(replace(KEY, take=1), None, 0.25))
        other.add_failed(Failed(replace(KEY, take=2), "no “words”\nat all"))
    assert list(run.drawn()) == [Drawn(KEY, (1, 2), 0.5), Drawn(replace(KEY, take=1), None, 0.25)]
    assert list(run.failed()) == [Failed(replace(KEY, take=2), "no “words”\nat all")]


def test_a_line_that_a_kill_cut_short_is_dropped(tmp_path: Path):
    run = RunFolder(tmp_path)
    with Journals(run, Shard()) as journals:
        journals.add_drawn(Drawn(KEY, None, 0.5))
    path = tmp_path / "drawn-1-of-1.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    assert [drawn.key for drawn in run.drawn()] == [KEY]
    with Journals(run, Shard()) as journals:
        assert path.read_bytes() == whole
        journals.add_drawn(Drawn(replace(KEY, take=1), None, 0.5))
    assert [drawn.key.take for drawn in run.drawn()] == [0, 1]


def test_a_shard_belongs_to_one_process(tmp_path: Path):
    run = RunFolder(tmp_path)
    with Journals(run, Shard()), pytest.raises(InputError, match="Another process is drawing"):
        Journals(run, Shard())
    Journals(run, Shard()).close()


@pytest.mark.parametrize("lacking", ["fcntl", None])
def test_a_shard_needs_no_module_of_one_system_alone(tmp_path: Path, lacking: str | None):
    code = (
        f"import sys; sys.modules[{lacking!r} or 'absent'] = None\n"
        "from pathlib import Path\n"
        "from trecs.evaluation.run_folder import Journals, RunFolder, Shard\n"
        f"run = RunFolder(Path({str(tmp_path)!r}))\n"
        "with Journals(run, Shard()):\n"
        "    try:\n"
        "        Journals(run, Shard())\n"
        "    except ValueError as error:\n"
        "        print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "Another process is drawing" in told.stdout


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = RunFolder(tmp_path)
    with Journals(run, Shard()) as journals:
        journals.add_drawn(Drawn(KEY, None, 0.5))

        def full(file: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(InputError, match=r"drawn-1-of-1\.jsonl' cannot be .* disk is full"):
                journals.add_drawn(Drawn(replace(KEY, take=1), None, 0.5))
        journals.add_drawn(Drawn(replace(KEY, take=2), None, 0.5))
    assert [drawn.key.take for drawn in run.drawn()] == [0, 2]


def test_settings_must_agree_but_more_may_be_asked(tmp_path: Path):
    run = RunFolder(tmp_path)
    run.agree(SETTINGS)
    run.agree(replace(SETTINGS, asked={"data": "elsewhere"}))
    assert run.settings().asked == {"data": "elsewhere"}
    for other in (
        replace(SETTINGS, size=128),
        replace(SETTINGS, models={"traced": "cafe"}),
        replace(SETTINGS, cases="11-abc"),
    ):
        with pytest.raises(InputError, match="give another folder to --out"):
            run.agree(other)
    assert run.settings() == SETTINGS
    run.check_cases("10-abc")
    with pytest.raises(InputError, match="other narratives"):
        run.check_cases("11-abc")


def test_further_systems_may_be_asked_and_the_earlier_ones_stay_noted(tmp_path: Path):
    run = RunFolder(tmp_path)
    run.agree(SETTINGS)
    run.agree(replace(SETTINGS, models={"attngan": "beef"}))
    assert run.settings().models == {"traced": "f00d", "attngan": "beef"}
    with pytest.raises(InputError, match="give another folder to --out"):
        run.agree(replace(SETTINGS, models={"traced": "cafe", "attngan": "beef"}))


def test_a_folder_of_the_format_before_is_read(tmp_path: Path):
    run = RunFolder(tmp_path)
    run.agree(replace(SETTINGS, asked={"systems": ["traced"]}))
    record = json.loads((tmp_path / "run.json").read_text())
    record = {**record, "format": FORMAT - 1, "models": "f00d"}
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert run.settings() == SETTINGS


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"format": 9}', f'{{"format": {FORMAT}, "x": 2}}']
)
def test_another_folder_is_refused(tmp_path: Path, content: str | None):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(InputError, match="is not the folder of an evaluation"):
        RunFolder(tmp_path).settings()
