"""How much a region's own seed changes it, and how little all else.

    python -m benchmarks.region_seeds [--checkpoint DIR] [--data DIR] [--limit N] [--sheet FILE]

Scenes: the middle squares, at 256x256, of held-back photos with label maps that people drew. Of
each the largest thing that covers 2 to 50 % of it is drawn by two seeds of its own, and the picture
by two seeds of its own. The mean absolute difference of two such pictures, in levels of 255, with
95 % bootstrap intervals over scenes: within the thing, outside of it, and farther than FAR pixels
from it. "thumbnail not kept" is what the region's noise alone does, where the flow that draws the
thumbnail passes it on to the whole picture. "ms": the median of the processor's time for a picture.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from files.progress import progress_bar
from files.weights import BUNDLED
from segmentation.canvas import Canvas
from segmentation.told_regions import UNTOLD
from segmentation.told_seeds import ToldSeeds
from trecs.data.dataset import Dataset, data_folder
from trecs.data.pictures import to_pixels
from trecs.data.scenes import Scene, held_back_photos, load_scenes, spaced
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.sheet import contact_sheet
from trecs.synthesis import Generator
from trecs.synthesis.condition import Condition
from trecs.synthesis.painter.told import Told
from trecs.synthesis.reseeding import Reseeding
from trecs.synthesis.spade import Noise, enlarged

SIZE = 256
LEAST, MOST = 0.02, 0.5  # share of the picture that a thing has
FAR = 16
SHOWN = 12
SEEDS = (1_000_000, 2_000_000)  # to which the scene's number is added

Picture = NDArray[np.uint8]
Draw = Callable[[int, Canvas, NDArray[np.bool_], int], Picture]


def main() -> None:
    """Prints the table, and draws a sheet where one is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "generator", metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--limit", type=int, metavar="N", help="of N evenly spaced scenes alone")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help=f"draw {SHOWN} scenes")
    args = parser.parse_args()
    try:
        dataset = Dataset(data_folder(args.data))
        scenes = load_scenes(dataset, spaced(held_back_photos(dataset), args.limit), SIZE)
        generator = Generator.load(args.checkpoint)
    except InputError as error:
        sys.exit(str(error))
    found = [(scene, thing) for scene in scenes if (thing := largest_thing(scene)) is not None]
    rows: dict[str, Draw] = {
        "another picture seed": partial(by_picture_seed, generator),
        "**another seed of the thing**": partial(by_region_seed, generator),
        "thumbnail not kept": partial(by_noise_alone, generator),
    }
    print(f"{len(found)} things of as many scenes\n")
    print(f"| drawn by | within | outside | farther than {FAR} pixels | ms |")
    print("|---|---|---|---|---|")
    for title, draw in rows.items():
        print(f"| {title} | {' | '.join(measured(found, draw))} |", flush=True)
    if args.sheet:
        draw_sheet(args.sheet, found, generator)


def largest_thing(scene: Scene) -> NDArray[np.bool_] | None:
    """Where the largest thing is that is neither too small nor too large, (S, S) bool."""
    numbers, counts = np.unique(scene.canvas.instance_map, return_counts=True)
    shares = np.where(numbers > 0, counts / scene.canvas.instance_map.size, 0)
    shares[(shares < LEAST) | (shares > MOST)] = 0
    if not shares.any():
        return None
    where: NDArray[np.bool_] = scene.canvas.instance_map == numbers[shares.argmax()]
    return where


def by_picture_seed(
    generator: Generator, number: int, canvas: Canvas, thing: NDArray[np.bool_], seed: int
) -> Picture:
    """The whole picture by another seed."""
    return generator.render(canvas, seed + number, SIZE)


def by_region_seed(
    generator: Generator, number: int, canvas: Canvas, thing: NDArray[np.bool_], seed: int
) -> Picture:
    """The thing alone by another seed."""
    return generator.render(canvas, number, SIZE, None, told(thing, seed + number))


@torch.inference_mode()
def by_noise_alone(
    generator: Generator, number: int, canvas: Canvas, thing: NDArray[np.bool_], seed: int
) -> Picture:
    """The whole picture by the noise that the thing's seed leads to, wherever that is felt."""
    network = generator.network

    def noise_of(seed: int) -> Noise:
        return network.draw_noise(1, SIZE, SIZE, torch.Generator().manual_seed(seed))

    reseeding = Reseeding(noise_of(number), told(thing, seed + number), noise_of)
    assert generator.thumbnails is not None
    small = generator.thumbnails.draw(Told.of_canvases(canvas), reseeding.thumbnails[1:])
    painting = enlarged(small, SIZE, SIZE)
    return to_pixels(network(Condition.of(canvas), reseeding.noise, painting))[0]


def told(thing: NDArray[np.bool_], seed: int) -> ToldSeeds:
    """A seed for a thing."""
    return ToldSeeds(np.where(thing, 0, UNTOLD).astype(np.uint8), (seed,))


def measured(found: Sequence[tuple[Scene, NDArray[np.bool_]]], draw: Draw) -> list[str]:
    """The columns of a row."""
    parts: list[list[float]] = [[], [], []]
    times = []
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * FAR + 1, 2 * FAR + 1))
    for number, (scene, thing) in enumerate(progress_bar(found, "drawing", leave=False)):
        pictures = []
        for seed in SEEDS:
            began = time.process_time()
            pictures.append(draw(number, scene.canvas, thing, seed).astype(np.float32))
            times.append(time.process_time() - began)
        apart = np.abs(pictures[0] - pictures[1]).mean(2)
        far = cv2.dilate(thing.astype(np.uint8), around) == 0
        for values, where in zip(parts, (thing, ~thing, far), strict=True):
            if where.any():
                values.append(float(apart[where].mean()))
    columns = []
    for values in parts:
        low, high = bootstrap_interval(values)
        columns.append(f"{np.mean(values):.1f} ({low:.1f}-{high:.1f})")
    return [*columns, f"{1000 * np.median(times):.0f}"]


def draw_sheet(
    path: Path, found: Sequence[tuple[Scene, NDArray[np.bool_]]], generator: Generator
) -> None:
    """Some scenes by their own seed, the thing by three others, and the picture by another."""
    rows = []
    for number in [i * len(found) // SHOWN for i in range(min(SHOWN, len(found)))]:
        scene, thing = found[number]
        row = [scene.canvas.picture(), generator.render(scene.canvas, number, SIZE)]
        for seed in (*SEEDS, 3_000_000):
            row.append(by_region_seed(generator, number, scene.canvas, thing, seed))
        row.append(by_picture_seed(generator, number, scene.canvas, thing, SEEDS[0]))
        rows.append(row)
    titles = ["label map", "picture", "another", "another", "another", "another picture"]
    contact_sheet(titles, rows).save(path, quality=90)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
