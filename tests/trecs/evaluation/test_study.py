import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.evaluation.tiny_run import Painter, write_data
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import cases_of
from trecs.evaluation.drawing import Plan, draw
from trecs.evaluation.run_folder import RunFolder, Settings, Shard
from trecs.evaluation.study import (
    FILE,
    QUESTIONS,
    Answer,
    Pair,
    Preference,
    Study,
    Trial,
    preferences,
    table,
    wilson,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three systems' pictures of six narratives; the last system lacks one."""
    data = write_data(tmp_path / "data", 6)
    run = RunFolder(tmp_path / "run")
    run.agree(Settings("x", 64, {}, {"data": str(data)}))
    systems = {"traced": Painter(), "retrieval": Painter(), "predicted": Painter(refuses="2")}
    draw(cases_of(Dataset(data)), systems, Plan(), run, Shard())
    return run.folder


def test_pairs_are_of_one_narrative_in_the_tables_order(folder: Path):
    study = Study(folder)
    assert len(study.pairs) == 5 * 3 + 1
    assert Pair("000001-1", 0, "retrieval", "traced") in study.pairs
    assert Counter(p.case for p in study.pairs)["000002-2"] == 1
    assert study.captions["000001-1"] == "A dog on the grass"


def test_order_and_sides_are_a_participants_own(folder: Path):
    study = Study(folder)
    anna, bert = study.trials("Anna", 16), study.trials("Bert", 16)
    assert anna == study.trials("Anna", 16)
    assert {t.pair for t in anna} == {t.pair for t in bert} == set(study.pairs)
    assert [t.pair for t in anna] != [t.pair for t in bert]
    assert study.trials("Anna", 4) == anna[:4]
    assert all({t.left, t.right} == {t.pair.first, t.pair.second} for t in anna)
    many = [t for i in range(40) for t in study.trials(f"participant {i}", 16)]
    share = sum(t.left == t.pair.first for t in many) / len(many)
    assert share == pytest.approx(0.5, abs=0.07)


def test_answers_are_stored_once(folder: Path):
    study = Study(folder)
    first, second, *_ = study.trials("Anna", 16)
    given = [
        Answer("Anna", first, "realism", first.left),
        Answer("Anna", first, "match", first.right),
        Answer("Anna; DROP TABLE answers", second, "realism", second.left),
    ]
    for answer in given:
        study.answers.add(answer)
    study.answers.add(Answer("Anna", first, "realism", first.right))  # too late
    assert Study(folder).answers.all() == given
    with sqlite3.connect(folder / FILE) as connection:
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (3,)
    connection.close()


def test_preferences_count_the_first_systems_wins():
    trial = Trial(Pair("1", 0, "retrieval", "traced"), "traced", "retrieval")
    other = Trial(Pair("2", 0, "retrieval", "traced"), "retrieval", "traced")
    answers = [
        Answer("Anna", trial, "realism", "traced"),
        Answer("Bert", trial, "realism", "retrieval"),
        Answer("Anna", other, "realism", "traced"),
        Answer("Anna", other, "match", "retrieval"),
    ]
    assert preferences(answers) == [
        Preference("match", "retrieval", "traced", 1, 1, 1),
        Preference("realism", "retrieval", "traced", 1, 3, 2),
    ]


@pytest.mark.parametrize(
    ("wins", "count", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0, 0.2775), (50, 100, 0.4038, 0.5962)],
)
def test_wilson(wins: int, count: int, low: float, high: float):
    # Published tables of the Wilson score interval at 95 %
    assert wilson(wins, count) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_table():
    assert table([]) == "No answers yet."
    told = table([Preference("realism", "retrieval", "traced", 8, 10, 3)])
    assert "| realism | retrieval: the best scene, rendered | TReCS | 0.800 (0.490 to 0.943) |" in (
        told
    )
    assert "| 10 | 3 |" in told


def test_what_cannot_be_compared_is_refused(tmp_path: Path, folder: Path):
    with pytest.raises(InputError, match="is not the folder of an evaluation"):
        Study(tmp_path)
    for journal in folder.glob("drawn-*.jsonl"):
        journal.unlink()
    with pytest.raises(InputError, match="no narrative that two systems drew"):
        Study(folder)


def test_the_questions_are_the_papers():
    assert list(QUESTIONS) == ["realism", "match"]
