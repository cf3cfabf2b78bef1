"""`trecs train --queue FILE`: trainings one after another, each for so many minutes.

The file, TOML:

    out = "runs/systems"        # each run's folder is that of its model in it

    [[training]]
    model = "aligndraw"         # as `trecs train` calls it
    minutes = 20
    arguments = ["--batch", "32"]    # of its command, if any

Each is a process of its own. `queue.json` in the folder tells how many minutes each has had: a
queue that was stopped, even killed, goes on where it was; what has failed is tried again.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from files.errors import InputError
from files.text import read_text
from files.whole import write_atomically

JOURNAL = "queue.json"
KEYS = {"model", "minutes", "arguments"}


@dataclass(frozen=True)
class Entry:
    """A training of a queue."""

    model: str
    minutes: float
    arguments: tuple[str, ...] = ()


def read_queue(path: Path, models: Sequence[str]) -> tuple[Path, tuple[Entry, ...]]:
    """The folder of the runs, and the trainings, of a file.

    Raises InputError where the file is missing or not as above, or a model is unknown or twice.
    """
    given = _parsed(read_text(path, "the queue"), path)
    trainings = given.get("training")
    if given.keys() != {"out", "training"} or not isinstance(trainings, list) or not trainings:
        raise InputError(f"'{path}' is no queue: expected `out` and some [[training]].")
    entries = tuple(_entry(one, path) for one in trainings)
    for number, entry in enumerate(entries):
        if entry.model not in models:
            raise InputError(f"'{path}' trains '{entry.model}'; expected {', '.join(models)}.")
        if entry.model in {other.model for other in entries[:number]}:
            raise InputError(f"'{path}' trains {entry.model} twice; once is enough.")
    return Path(str(given["out"])).expanduser(), entries


def run_queue(path: Path, models: Sequence[str]) -> int:
    """Trains what is left of a queue, and prints the folders of the models; 1 if some failed."""
    out, entries = read_queue(path, models)
    journal, failed = Journal(out / JOURNAL), list[str]()
    for number, entry in enumerate(entries, 1):
        left = entry.minutes - journal.spent(entry.model)
        if left > 0:
            print(
                f"{entry.model} ({number} of {len(entries)}): {left:.1f} minutes", file=sys.stderr
            )
            code = _train(entry, out / entry.model, left, journal)
            if code:
                failed.append(entry.model)
                continue
        print(out / entry.model / "model")
    if failed:
        print(f"Not trained: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


class Journal:
    """Minutes that each model has been trained, written at each change."""

    def __init__(self, path: Path) -> None:
        """Reads the file, if there is one; raises InputError where it is damaged."""
        self._path, self._spent = path, dict[str, float]()
        if path.is_file():
            try:
                read = json.loads(read_text(path, "the journal"))
                self._spent = {str(model): float(spent) for model, spent in read.items()}
            except (ValueError, TypeError, AttributeError) as error:
                raise InputError(
                    f"'{path}' is damaged ({error}); delete it to give every training its whole "
                    "time again."
                ) from error

    def spent(self, model: str) -> float:
        """What a model has had."""
        return self._spent.get(model, 0.0)

    def add(self, model: str, minutes: float) -> None:
        """Counts minutes of a model."""
        self._spent[model] = self.spent(model) + minutes
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, (json.dumps(self._spent, indent=2) + "\n").encode())


def _train(entry: Entry, folder: Path, minutes: float, journal: Journal) -> int:
    """Trains in another process, which saves when this one is asked to stop; its exit code."""
    command = [sys.executable, "-m", "trecs", "train", entry.model, *entry.arguments]
    began = time.monotonic()
    process = subprocess.Popen(
        [*command, "--out", str(folder), "--minutes", str(minutes)], stdout=subprocess.DEVNULL
    )
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        journal.add(entry.model, (time.monotonic() - began) / 60)
        raise
    if not code:  # its time is over, or its steps are done
        journal.add(entry.model, minutes)
    return code


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError as error:
        raise InputError("--queue reads TOML, which needs Python 3.11 or newer.") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"'{path}' is not TOML: {error}.") from error


def _entry(given: Any, path: Path) -> Entry:
    wrong = not isinstance(given, dict) or not {"model", "minutes"} <= given.keys() <= KEYS
    if not wrong:
        minutes, arguments = given["minutes"], given.get("arguments", [])
        number = isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes > 0
        texts = isinstance(arguments, list) and all(isinstance(one, str) for one in arguments)
        wrong = not (isinstance(given["model"], str) and number and texts)
    if wrong:
        raise InputError(
            f"'{path}' has a training {str(given)[:80]}; expected model, minutes (more than 0) "
            "and, if any, arguments (a list of texts)."
        )
    return Entry(given["model"], float(minutes), tuple(arguments))
