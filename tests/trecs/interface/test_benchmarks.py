"""Soak and attacks in short; `benchmarks` has them at length."""

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.attacks import attacked
from benchmarks.hostile_files import SECRET
from benchmarks.soak import report, soak
from files.errors import InputError
from trecs.interface.limits import Limits
from trecs.interface.models import Models
from trecs.interface.page import build
from trecs.interface.serving import opened


def test_nothing_is_read_written_fetched_or_run() -> None:
    outcome = attacked(only=6)
    assert outcome.wrong == []
    assert outcome.count > 30


def test_the_attacks_would_see_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(file: Path) -> None:
        raise InputError(SECRET)

    monkeypatch.setattr("trecs.interface.panels.canvas.panel.read_label_map", leaking)
    assert any(SECRET in wrong for wrong in attacked(only=1).wrong)


def test_every_client_gets_its_own_answer(checkpoints: Path) -> None:
    def load() -> Any:
        from trecs.pipeline import TReCS

        return TReCS.from_pretrained(checkpoints)

    limits = Limits(queue=2)  # so that some are told to come back
    page = build(Models(load), limits=limits)
    url = opened(page, "127.0.0.1", None, limits=limits, proxy="127.0.0.1", quiet=True)
    try:
        tally = soak(url, clients=6, seconds=600, process=os.getpid(), calls=1)
    finally:
        page.close(verbose=False)
    assert tally.problems == []
    assert len(tally.answered) == 6
    assert "| answered | 6 in" in report(tally)
