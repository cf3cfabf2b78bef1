"""Hostile narratives through the parser and the pipeline: an answer or an InputError, in time.

    python -m benchmarks.fuzz [--parsed N] [--drawn N] [--seed N] [--keep DIR] [--minutes M]

Real narratives (the studio's examples, thinned out) are mutated: as JSON (values replaced, moved,
repeated, taken away; times unsorted, shifted by days, negative; pixels for fractions) and as bytes
(cut, flipped, encoded otherwise). A hundredth are made by hypothesis from nothing instead. A case
is its seed: the same one makes the same bytes. Prints a table of what became of them, and exits
with 1 where anything but an InputError was raised or an answer took over 5 s of processor time;
those cases are written to --keep, each as SEED.json with SEED.txt, what went wrong.
"""

import argparse
import json
import math
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.hostile import cases
from files.errors import InputError
from files.progress import progress_bar
from trecs.narrative import Narrative, dumps, loads
from trecs.narrative.narrative import checked

SLOW = 5.0  # seconds of processor time, which other work on the machine does not lengthen
SIZE = 64  # pixels of what is drawn


def parsed(content: bytes) -> tuple[str, Narrative | None]:
    """What became of a case in the parser, and the narrative; raises whatever it should not."""
    try:
        told = loads(content)
    except InputError as error:
        if "\n" in str(error) or len(str(error)) > 500:
            raise AssertionError(f"no clear line: {error}") from error
        return "refused", None
    checked(told)
    again = loads(dumps(told))
    if again.notes or again.caption != told.caption:
        raise AssertionError("what was mended is mended again")
    return "mended" if told.notes else "read", told


class Tally:
    """Counts outcomes, keeps what went wrong, and knows the longest time."""

    def __init__(self, title: str, keep: Path | None) -> None:
        self.title, self.outcomes, self.longest, self.failed = title, Counter[str](), 0.0, 0
        self._keep = keep

    def take(self, seed: str, content: bytes, act: Callable[[bytes], str]) -> None:
        """Does something with a case."""
        began, wrong = time.process_time(), ""
        try:
            outcome = act(content)
        except Exception as error:  # that is what is looked for
            outcome, wrong = f"raised {type(error).__name__}", traceback.format_exc()
        seconds = time.process_time() - began
        self.longest = max(self.longest, seconds)
        self.outcomes[outcome] += 1
        if wrong or seconds > SLOW:
            self.failed += 1
            print(f"{self.title} {seed}: {outcome} in {seconds:.1f} s", file=sys.stderr)
            if self._keep:
                self._keep.mkdir(parents=True, exist_ok=True)
                (self._keep / f"{seed}.json").write_bytes(content)
                (self._keep / f"{seed}.txt").write_text(f"{seconds:.1f} s\n{wrong}", "utf-8")

    def rows(self) -> Iterator[str]:
        """The table's rows."""
        total = sum(self.outcomes.values())
        for outcome, count in self.outcomes.most_common():
            yield f"| {self.title} | {outcome} | {count:,} | {count / total:.1%} | |"
        yield f"| {self.title} | **all** | {total:,} | | {self.longest:.2f} |"


def main() -> int:
    """Runs both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--parsed", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--drawn", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--keep", type=Path, default=Path("runs/fuzz"), metavar="DIR")
    parser.add_argument("--minutes", type=float, default=math.inf, help="for each of the two")
    args = parser.parse_args()
    tallies = []
    kinds: tuple[tuple[str, int, Callable[[], Callable[[bytes], str]]], ...] = (
        ("parser", args.parsed, lambda: lambda content: parsed(content)[0]),
        ("pipeline", args.drawn, drawing),
    )
    for title, count, opened in (kind for kind in kinds if kind[1]):
        tally = Tally(title, args.keep)
        tallies.append(tally)
        ends = time.monotonic() + 60 * args.minutes
        act = opened()
        for seed, content in progress_bar(cases(count, args.seed), title, count):
            tally.take(seed, content, act)
            if time.monotonic() > ends:
                break
    print("| through | outcome | cases | share | longest (s) |\n|---|---|---:|---:|---:|")
    print("\n".join(row for tally in tallies for row in tally.rows() if tally.outcomes))
    return 1 if any(tally.failed for tally in tallies) else 0


def drawing() -> Callable[[bytes], str]:
    """What draws a case, however strange, with the bundled models."""
    import numpy as np

    from files.weights import BUNDLED
    from trecs.pipeline import TReCS

    studio = TReCS.from_pretrained(BUNDLED)

    def draw(content: bytes) -> str:
        outcome, told = parsed(content)
        if told is None:
            return outcome
        try:
            result = studio(told, size=SIZE)
        except InputError:
            return "refused when drawn"
        assert result.image is not None
        assert result.image.shape == (SIZE, SIZE, 3)
        assert all(np.isfinite(region.hull).all() for region in result.regions or ())
        json.dumps(result.to_json(), allow_nan=False)
        return f"drawn, {outcome}"

    return draw


if __name__ == "__main__":
    raise SystemExit(main())
