"""The generator alone, beside a SPADE of the official size, at 256x256 on the CPU.

    python -m benchmarks.generator [--threads 2] [--repeats 15]

The official network (97.48 M parameters) has random weights: its time does not depend on them.
Both run in float32 in the same process, in turns, after a warm-up; medians are printed.
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

BAR = 8  # times as fast as the official network
LIMIT = 0.25  # seconds a picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    torch.manual_seed(0)
    official = Generator(SpadeGenerator(SpadeConfig.official()))
    ours = Generator.load(
        args.checkpoint / "generator", thumbnails=thumbnails_folder(args.checkpoint)
    )
    canvas = example_canvas()
    times: dict[str, list[float]] = {"official": [], "ours": []}
    for turn in range(args.repeats + 1):
        for name, generator in (("official", official), ("ours", ours)):
            if name == "official" and turn > max(args.repeats // 3, 3):
                continue
            start = time.perf_counter()
            generator.render(canvas, turn)
            if turn:
                times[name].append(time.perf_counter() - start)

    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratio = medians["official"] / medians["ours"]
    print("| generator, 256x256 | parameters | median | times as fast |")
    print("|---|---|---|---|")
    for name, title in (("official", "SPADE, official size"), ("ours", "bundled")):
        network = (official if name == "official" else ours).network
        size = sum(p.numel() for p in network.parameters()) / 1e6
        speed = medians["official"] / medians[name]
        print(f"| {title} | {size:.2f} M | {medians[name] * 1000:.0f} ms | {speed:.1f} |")
    print(f"\nBar: at least {BAR} times as fast: {'met' if ratio >= BAR else 'MISSED'};", end=" ")
    print(f"at most {LIMIT * 1000:.0f} ms: {'met' if medians['ours'] <= LIMIT else 'MISSED'}.")


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
