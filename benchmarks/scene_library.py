"""How fast a large library opens and masks are chosen, beside the obvious loop.

    python -m benchmarks.scene_library [--masks 1000000]

The library is made up of random polygons, half of them of the five labels that are then asked for,
and is written to a temporary folder: about 0.4 KB a mask. Times are medians of repeated runs, the
loop's is of one.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from retrieval.choice import choose
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.placing import place
from retrieval.query import Query
from segmentation.masks import Mask, fill_polygon

MASKS_A_SCENE = 10
SIDE = 64  # of the generated bitmaps
SHAPES = 2000  # different ones
LABELS = (0, 17, 23, 123, 168)  # person, dog, bear, grass, tree: half of all masks are of these
SCENES = 50  # that retrieval finds
REPEATS = 21


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masks", type=int, default=1_000_000)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library"
        started = time.perf_counter()
        generate(path, args.masks, rng)
        written = time.perf_counter() - started
        opened = median_ms(lambda: SceneLibrary.open(path))
        library = SceneLibrary.open(path)
        size = library.bytes_on_disk / 2**20
        scenes = [(int(scene), 0.5) for scene in rng.choice(library.scene_count, SCENES, False)]
        queries = [Query(label, blob(rng)) for label in LABELS]
        near = median_ms(lambda: choose(library, scenes, queries))
        whole = median_ms(lambda: choose(library, [], queries))
        placing = median_ms(lambda: [place(library, c) for c in choose(library, [], queries)])
        started = time.perf_counter()
        for query in queries:
            loop(library, query)
        looped = (time.perf_counter() - started) * 1000
    print(f"{args.masks:,} masks, {size:.0f} MB, written in {written:.0f} s\n")
    print("| step | ms |\n| --- | ---: |")
    print(f"| open the library | {opened:.1f} |")
    print(f"| choose for 5 regions, from retrieved scenes on | {near:.1f} |")
    print(f"| choose for 5 regions, whole library | {whole:.1f} |")
    print(f"| choose for 5 regions, whole library, and place | {placing:.1f} |")
    print(f"| loop over pycocotools IoU, whole library | {looped:.0f} |")
    print(f"\nThe loop takes {looped / whole:.0f} times as long.")


def blob(rng: np.random.Generator) -> NDArray[np.float64]:
    """A convex outline somewhere in the picture, (H, 2)."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 16))
    reach = rng.uniform(0.08, 0.25, 2)
    points = rng.uniform(0.3, 0.7, 2) + np.column_stack([np.cos(angles), np.sin(angles)]) * reach
    return cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float64)


def generate(path: Path, count: int, rng: np.random.Generator) -> None:
    """Writes a library of random polygons, half of them of LABELS."""
    shapes = [fill_polygon(rng.random((7, 2)), SIDE, SIDE) for _ in range(SHAPES)]
    with LibraryWriter(path) as writer:
        for scene in range(count // MASKS_A_SCENE):
            masks = []
            for _ in range(MASKS_A_SCENE):
                low, extent = rng.uniform(0, 0.6, 2), rng.uniform(0.05, 0.4, 2)
                box = (low[0], low[1], low[0] + extent[0], low[1] + extent[1])
                label = rng.choice(LABELS) if rng.random() < 0.5 else rng.integers(182)
                masks.append((int(label), Mask(box, shapes[rng.integers(SHAPES)])))
            writer.append_scene(str(scene), masks)
        writer.finish("benchmark")


def loop(library: SceneLibrary, query: Query) -> int:
    """The obvious way: every mask of the label moved to the hull's box, and pycocotools' IoU."""
    target = coco.encode(np.asfortranarray(fill_polygon(query.hull, 256, 256), np.uint8))
    (left, top), (right, bottom) = query.hull.min(0), query.hull.max(0)
    best, found = -1.0, -1
    for index in library.with_label(query.label):
        moved = Mask((left, top, right, bottom), library.mask(index).bitmap).render(256, 256)
        code = coco.encode(np.asfortranarray(moved, np.uint8))
        overlap = float(coco.iou([code], [target], [0])[0, 0])
        if overlap > best:
            best, found = overlap, int(index)
    return found


def median_ms(action: Callable[[], object]) -> float:
    """The median time of an action in milliseconds, after one unmeasured run."""
    action()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
