"""A short form of `python -m benchmarks.fuzz`: hostile narratives are answered or refused."""

from pathlib import Path

import pytest

from benchmarks.fuzz import Tally, drawing, parsed
from benchmarks.hostile import Mutator, cases


def test_hostile_bytes_are_read_mended_or_refused(tmp_path: Path) -> None:
    tally = Tally("parser", tmp_path / "kept")
    for seed, content in cases(1500, seed=1):
        tally.take(seed, content, lambda content: parsed(content)[0])
    assert set(tally.outcomes) == {"read", "mended", "refused"}
    assert min(tally.outcomes.values()) > 20


def test_hostile_narratives_are_drawn_or_refused(tmp_path: Path) -> None:
    tally, draw = Tally("pipeline", tmp_path / "kept"), drawing()
    for seed, content in cases(40, seed=2):
        tally.take(seed, content, draw)
    assert not [outcome for outcome in tally.outcomes if outcome.startswith("raised")]
    assert tally.outcomes["drawn, read"]


def test_a_case_is_its_seed() -> None:
    assert Mutator().make("1-7") == Mutator().make("1-7") != Mutator().make("1-8")
    assert list(cases(120, 3)) == list(cases(120, 3))


def test_what_goes_wrong_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(_: bytes) -> str:
        raise ZeroDivisionError("by zero")

    tally = Tally("parser", tmp_path)
    tally.take("0-1", b"{}", wrong)
    assert (tally.failed, (tmp_path / "0-1.json").read_bytes()) == (1, b"{}")
    assert "ZeroDivisionError: by zero" in (tmp_path / "0-1.txt").read_text()
    assert "0-1: raised ZeroDivisionError" in capsys.readouterr().err
    assert next(tally.rows()).startswith("| parser | raised ZeroDivisionError | 1 | 100.0% |")
