"""How long a drawing takes once everything is loaded, stage by stage, and the live path.

    python -m benchmarks.latency [--checkpoint DIR] [--library DIR] [--runs N]

Forty words in five regions, 256x256; prints a Markdown table with the bar beside each figure.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from trecs import TReCS
from trecs.narrative import SECONDS_PER_WORD, Narrative, Word

COMPOSE_BAR, LIVE_BAR = 0.6, 0.06  # seconds, on two cores
TOLD = (
    ("in this picture we can see a brown dog", (0.35, 0.65, 0.15)),
    ("beside it there is a man standing here", (0.70, 0.55, 0.18)),
    ("both of them are on the green grass", (0.50, 0.88, 0.40)),
    ("in the background there are many tall trees", (0.50, 0.40, 0.45)),
    ("and at the top we see sky", (0.50, 0.12, 0.45)),
)
"""What is said of each region, and the circle drawn meanwhile: x, y, radius."""


def told() -> Narrative:
    """Forty words; the trace rings each region, without lifting, while it is spoken of."""
    spoken = [word for words, _ in TOLD for word in words.split()]
    words = tuple(
        Word(word, i * SECONDS_PER_WORD, (i + 1) * SECONDS_PER_WORD)
        for i, word in enumerate(spoken)
    )
    points = []
    begin = 0.0
    for text, (x, y, radius) in TOLD:
        end = begin + len(text.split()) * SECONDS_PER_WORD
        for share in np.linspace(0, 1, 60):
            turn = 2 * math.pi * share
            points.append(
                (
                    min(max(x + radius * math.cos(turn), 0), 1),
                    min(max(y + 0.6 * radius * math.sin(turn), 0), 1),
                    begin + share * (end - begin),
                )
            )
        begin = end
    return Narrative(words, (np.array(points),))


def median_seconds(run: Callable[[], object], runs: int) -> float:
    """The median of so many runs, after two that do not count."""
    seconds = []
    for _ in range(runs + 2):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[2:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--runs", type=int, default=20)
    args = parser.parse_args()

    narrative = told()
    studio = TReCS.from_pretrained(args.checkpoint, library=args.library)
    results = []
    compose = median_seconds(lambda: results.append(studio(narrative, seed=0)), args.runs)
    live = median_seconds(lambda: studio.align(narrative, studio.tag(narrative)), args.runs)

    words, regions = len(narrative.words), len(results[0].regions or ())
    print(f"{words} words, {regions} regions, 256x256, median of {args.runs} warm runs\n")
    print("| | seconds | bar |\n| --- | --- | --- |")
    for stage in results[0].seconds:
        median = statistics.median(result.seconds[stage] for result in results[2:])
        print(f"| {stage} | {median:.3f} | |")
    print(f"| **compose, all stages** | {compose:.3f} | {COMPOSE_BAR:g} |")
    print(f"| **tag + align (live)** | {live:.3f} | {LIVE_BAR:g} |")


if __name__ == "__main__":
    main()
