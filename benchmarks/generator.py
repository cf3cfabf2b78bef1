"""The generator beside a SPADE of the official size, at 256x256 on the CPU.

    python -m benchmarks.generator [--threads 2] [--repeats 15] [--checkpoint DIR]

The bundled enlarger is timed with the thumbnails of both first stages: the distilled one and the
flow that it was distilled from. The official network (97.48 M parameters) has random weights: its
time does not depend on them. All run in float32 in the same process, in turns, after a warm-up;
medians are printed.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from files.weights import BUNDLED
from segmentation.canvas import Canvas, instances_of
from trecs.installed import thumbnails_folder
from trecs.synthesis import Generator
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator

BAR = 15  # times as fast as the official network
LIMIT = 0.15  # seconds a picture
OFFICIAL, BUNDLED_ONE, BY_FLOW = (
    "SPADE, official size",
    "bundled",
    "bundled, thumbnails by the flow",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    torch.manual_seed(0)
    enlarger, painter = args.checkpoint / "generator", thumbnails_folder(args.checkpoint)
    generators = {
        OFFICIAL: Generator(SpadeGenerator(SpadeConfig.official())),
        BUNDLED_ONE: Generator.load(enlarger, thumbnails=painter),
        BY_FLOW: Generator.load(enlarger, thumbnails=painter),
    }
    generators[BY_FLOW].thumbnails = generators[BY_FLOW].flow
    canvas = example_canvas()
    times: dict[str, list[float]] = {name: [] for name in generators}
    for turn in range(args.repeats + 1):
        for name, generator in generators.items():
            if name == OFFICIAL and turn > max(args.repeats // 3, 3):
                continue
            start = time.perf_counter()
            generator.render(canvas, turn)
            if turn:
                times[name].append(time.perf_counter() - start)

    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print("| generator, 256x256 | parameters | median | times as fast |")
    print("|---|---|---|---|")
    for name, generator in generators.items():
        stages = [generator.network, generator.thumbnails]
        size = sum(p.numel() for stage in stages if stage for p in stage.parameters()) / 1e6
        speed = medians[OFFICIAL] / medians[name]
        print(f"| {name} | {size:.2f} M | {medians[name] * 1000:.0f} ms | {speed:.1f} |")
    ours = medians[BUNDLED_ONE]
    fast = medians[OFFICIAL] / ours >= BAR
    print(f"\nBar: at least {BAR} times as fast: {'met' if fast else 'MISSED'};", end=" ")
    print(f"at most {LIMIT * 1000:.0f} ms: {'met' if ours <= LIMIT else 'MISSED'}.")


def example_canvas() -> Canvas:
    """Sky, trees, grass and two people: as many regions as a usual canvas has."""
    rows, columns = np.mgrid[:256, :256]
    labels = np.full((256, 256), 156, np.uint8)
    labels[rows > 90 + 12 * np.sin(columns / 20)] = 168
    labels[rows > 140] = 123
    for centre in (80, 180):
        labels[((columns - centre) / 18) ** 2 + ((rows - 150) / 50) ** 2 < 1] = 0
    return Canvas(labels, instances_of(labels))


if __name__ == "__main__":
    main()
