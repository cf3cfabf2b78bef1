"""A short run of `benchmarks.crash`, whose parts start from a process without threads."""

import subprocess
import sys

from tests.conftest import ROOT

WRITERS = ("train", "library build", "evaluate", "prepare", "draw")


def test_nothing_is_torn_by_kills_and_full_disks() -> None:
    command = [sys.executable, "-m", "benchmarks.crash", "--kills", "5", "--points", "1"]
    done = subprocess.run(
        [*command, "--only", *WRITERS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for writer in WRITERS:
        assert done.stdout.count(f"\n| {writer} |") == 2
