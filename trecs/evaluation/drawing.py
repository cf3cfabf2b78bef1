"""Draws what an evaluation asks for, one picture after another, and goes on where it stopped."""

import io
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.progress import progress_bar
from files.whole import write_atomically
from segmentation.canvas import label_png
from trecs.evaluation.cases import BadCase, Case, Cases
from trecs.evaluation.run_folder import Drawn, Failed, Journals, Key, RunFolder, Shard
from trecs.systems.interface import System

PATIENCE = 20
"""So many unexpected errors in a row are no longer the narratives' fault."""


@dataclass(frozen=True)
class Plan:
    """What each system draws: the first `limit` narratives, with one seed each or several.

    Either `seeds` pictures of each narrative, or `generations` pictures in all: every narrative
    once, then every one a second time, and so on.
    """

    limit: int | None = None
    seeds: int = 1
    generations: int | None = None

    def pictures(self, cases: Cases) -> int:
        """How many pictures of each system that is, if no narrative is bad."""
        narratives = len(cases) if self.limit is None else min(self.limit, len(cases))
        return narratives * self.seeds if self.generations is None else self.generations

    def wanted(self, cases: Cases) -> Iterator[tuple[Case | BadCase, int]]:
        """Each narrative with the number of each take; bad ones once."""
        drawn = 0
        for take in range(self.seeds) if self.generations is None else count():
            before = drawn
            for case in islice(iter(cases), self.limit):
                if drawn == self.generations:
                    return
                if isinstance(case, Case):
                    drawn += 1
                    yield case, take
                elif take == 0:
                    yield case, take
            if drawn == before:
                return

    def check(self, cases: Cases) -> None:
        """Raises InputError where none of the narratives that are wanted can be drawn."""
        bad = []
        for case, _ in self.wanted(cases):
            if isinstance(case, Case):
                return
            bad.append(case)
        why = f"; the first, {bad[0].name}: {bad[0].reason}" if bad else "."
        raise InputError(
            f"Of {len(bad):,} narratives none can be drawn{why} Give some in the format of "
            "Localized Narratives, as `trecs data prepare` writes them."
        )


@dataclass
class Counts:
    """How many pictures a run drew, could not draw, and found finished or failed before."""

    drawn: int = 0
    failed: int = 0
    before: int = 0


def draw(
    cases: Cases,
    systems: Mapping[str, System],
    plan: Plan,
    run: RunFolder,
    shard: Shard,
    *,
    size: int | None = None,
    retry: bool = False,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Counts:
    """Draws what the folder lacks of a shard; with `retry` also what failed before.

    Pictures are brought to a `size`, if one is given. A narrative that cannot be drawn is noted
    with the reason and passed over. Nothing is kept in memory but the names of what was finished
    before. Stops before the next picture when `may_go_on` says no. Raises InputError where another
    process draws this shard, and the last error where nothing can be drawn any more.
    """
    counts, in_a_row = Counts(), 0
    with Journals(run, shard) as journals:
        finished = {drawn.key for drawn in run.drawn()}
        if not retry:
            finished |= {failed.key for failed in run.failed()}
        total = plan.pictures(cases) * len(systems) // shard.count
        progress = progress_bar(total=total, desc=f"shard {shard.name}", unit="picture")
        for case, take in plan.wanted(cases):
            if not shard.holds(zlib.crc32(case.name.encode())):
                continue
            for name, system in systems.items():
                key = Key(name, case.name, take)
                progress.update()
                if key in finished:
                    counts.before += 1
                    continue
                if not may_go_on():
                    return counts
                if isinstance(case, BadCase):
                    journals.add_failed(Failed(key, case.reason))
                    counts.failed += 1
                    continue
                error = _draw_one(case, system, key, size, run, journals)
                counts.drawn += error is None
                counts.failed += error is not None
                in_a_row = in_a_row + 1 if error and not isinstance(error, InputError) else 0
                if error and in_a_row == PATIENCE:
                    raise error
        progress.close()
    return counts


def _draw_one(
    case: Case, system: System, key: Key, size: int | None, run: RunFolder, journals: Journals
) -> Exception | None:
    """Draws and stores a picture, or notes why not and returns the error."""
    began = time.perf_counter()
    try:
        drawing = system.draw(case.narrative, key.seed, key.take)
        drawing = drawing.resized(size) if size else drawing
    except Exception as error:  # whatever a narrative leads to must not end the run
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        journals.add_failed(Failed(key, reason))
        return error
    seconds = time.perf_counter() - began
    if drawing.canvas is not None:
        write_atomically(run.labels(key), label_png(drawing.canvas.label_map))
    write_atomically(run.picture(key), _png(drawing.picture))
    tags = None if drawing.tags is None else tuple(drawing.tags.tolist())
    journals.add_drawn(Drawn(key, tags, seconds))
    return None


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
