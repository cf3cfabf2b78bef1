import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.trecs.evaluation.tiny_run import DOG, SIZE, Painter, write_data
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import BadCase, Case, Cases, cases_of
from trecs.evaluation.drawing import PATIENCE, Counts, Plan, draw
from trecs.evaluation.run_folder import Key, RunFolder, Shard
from trecs.narrative import Narrative, Word


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return cases_of(Dataset(write_data(tmp_path / "data", 5, bad=(2,))))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def names(plan: Plan, cases: Cases) -> list[tuple[str, int]]:
    return [(case.name, take) for case, take in plan.wanted(cases)]


def test_what_is_wanted(cases: Cases):
    one, bad, three, four, five = (case.name for case in cases)
    assert names(Plan(limit=3), cases) == [(one, 0), (bad, 0), (three, 0)]
    assert names(Plan(limit=3, seeds=2), cases)[3:] == [(one, 1), (three, 1)]
    # Six pictures of four good narratives: all once, two of them again.
    everything = [(one, 0), (bad, 0), (three, 0), (four, 0), (five, 0), (one, 1), (three, 1)]
    assert names(Plan(generations=6), cases) == everything
    assert Plan(seeds=2).pictures(cases) == 10
    assert Plan(generations=6).pictures(cases) == 6


def test_generations_of_nothing_end(tmp_path: Path):
    cases = cases_of(Dataset(write_data(tmp_path, 1, bad=(1,))))
    assert names(Plan(generations=5), cases) == [("line-000001", 0)]


def test_draws_pictures_label_maps_and_notes(cases: Cases, run: RunFolder):
    counts = draw(cases, {"painter": Painter(refuses="4")}, Plan(seeds=2), run, Shard())
    assert counts == Counts(drawn=6, failed=3)
    key = Key("painter", "000001-1", 1)
    picture = np.asarray(Image.open(run.picture(key)))
    assert (picture.shape, picture.dtype) == ((SIZE, SIZE, 3), np.uint8)
    assert (np.asarray(Image.open(run.labels(key))) == DOG).all()
    drawn = {one.key: one.tags for one in run.drawn()}
    assert len(drawn) == 6
    assert drawn[key] == (17, 17, 123, 123, 123)
    reasons = {(one.key.case, one.key.take): one.reason for one in run.failed()}
    assert reasons["000004-4", 0] == reasons["000004-4", 1] == "not this one"
    assert "is not JSON" in reasons["line-000002", 0]


def test_every_narrative_and_take_has_a_seed_of_its_own(tmp_path: Path):
    cases = cases_of(Dataset(write_data(tmp_path, 3)))
    one, other = Painter(), Painter()
    draw(cases, {"one": one, "other": other}, Plan(seeds=2), RunFolder(tmp_path / "run"), Shard())
    assert len(set(one.seeds)) == 6
    assert one.seeds == other.seeds
    assert all(0 <= seed < 1 << 31 for seed in one.seeds)


def test_nothing_is_drawn_twice_and_failures_only_when_asked(cases: Cases, run: RunFolder):
    painter = Painter(refuses="4")
    draw(cases, {"painter": painter}, Plan(), run, Shard())
    assert painter.drawn == 4
    again = draw(cases, {"painter": painter}, Plan(), run, Shard())
    assert again == Counts(before=5)
    retried = draw(cases, {"painter": Painter()}, Plan(), run, Shard(), retry=True)
    assert retried == Counts(drawn=1, failed=1, before=3)
    more = draw(cases, {"painter": Painter(), "other": Painter()}, Plan(seeds=2), run, Shard())
    assert more.drawn == 4 + 2 * 4


def test_shards_of_any_number_add_up(cases: Cases, run: RunFolder):
    for shard in (Shard(0, 2), Shard(2, 3), Shard()):
        draw(cases, {"painter": Painter()}, Plan(seeds=3), run, shard)
    assert Counter(Counter(drawn.key for drawn in run.drawn()).values()) == {1: 12}


def test_folders_are_merged_by_copying(cases: Cases, tmp_path: Path, run: RunFolder):
    import shutil

    for i in range(2):
        own = RunFolder(tmp_path / f"machine{i}")
        draw(cases, {"painter": Painter()}, Plan(seeds=3), own, Shard(i, 2))
        shutil.copytree(own.folder, run.folder, dirs_exist_ok=True)
    assert draw(cases, {"painter": Painter()}, Plan(seeds=3), run, Shard()).drawn == 0
    assert len({drawn.key for drawn in run.drawn()}) == 12


def test_errors_that_are_not_the_narratives_end_the_run(tmp_path: Path, run: RunFolder):
    cases = cases_of(Dataset(write_data(tmp_path / "data", PATIENCE + 5)))
    with pytest.raises(ZeroDivisionError):
        draw(cases, {"painter": Painter(breaks=True)}, Plan(), run, Shard())
    failed = list(run.failed())
    assert len(failed) == PATIENCE
    assert failed[0].reason == "ZeroDivisionError: by zero"


def test_ends_when_told_to(cases: Cases, run: RunFolder):
    told = iter([True, True, False])
    counts = draw(cases, {"painter": Painter()}, Plan(), run, Shard(), may_go_on=lambda: next(told))
    assert counts.drawn + counts.failed == 2


class Long:
    """Many narratives with long traces, made when they are asked for."""

    title, fingerprint = "long", "long"

    def __len__(self) -> int:
        return 100

    def __iter__(self) -> Iterator[Case | BadCase]:
        for i in range(len(self)):
            strokes = (np.zeros((100_000, 3)),)  # 2.4 MB
            yield Case(f"{i:06d}", Narrative((Word("dog", 0, 1),), strokes, str(i)))


def test_memory_stays_flat(run: RunFolder):
    draw(Long(), {"painter": Painter()}, Plan(limit=2), run, Shard())
    tracemalloc.start()
    draw(Long(), {"painter": Painter()}, Plan(), run, Shard())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6  # 100 traces have 240 MB


DRAW = """
import sys
from pathlib import Path
from tests.trecs.evaluation.tiny_run import Painter
from trecs.evaluation.cases import cases_of
from trecs.evaluation.drawing import Plan, draw
from trecs.evaluation.run_folder import RunFolder, Shard
from trecs.data.dataset import Dataset
folder = Path(sys.argv[1])
cases = cases_of(Dataset(folder / "data"))
systems = {"painter": Painter(0.01, refuses="3"), "other": Painter(0.01)}
draw(cases, systems, Plan(seeds=10), RunFolder(folder / "run"), Shard())
"""


def test_killed_again_and_again_it_loses_nothing_and_repeats_nothing(tmp_path: Path):
    write_data(tmp_path / "data", 6, bad=(5,))
    run = RunFolder(tmp_path / "run")
    seen: set[Key] = set()
    for attempt in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", DRAW, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        last = attempt == 4
        while process.poll() is None:
            if not last and len(list(run.drawn())) >= len(seen) + 15:
                time.sleep(0.003 * attempt)  # in the middle of something else each time
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            time.sleep(0.005)
        assert process.returncode == (0 if last else -signal.SIGKILL)
        done = Counter(drawn.key for drawn in run.drawn())
        assert set(done.values()) == {1}  # nothing is repeated
        assert seen < done.keys()  # nothing is lost
        seen = set(done)
        for key in seen:
            with Image.open(run.picture(key)) as picture:
                picture.load()
    assert len(seen) == 2 * 5 * 10 - 10
    failed = Counter(failure.key for failure in run.failed())
    assert set(failed.values()) == {1}
    assert len(failed) == 10 + 2  # the refused narrative's pictures, and the bad line for both
    for path in run.folder.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            json.loads(line)
