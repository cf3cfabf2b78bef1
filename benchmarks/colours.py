"""Whether regions are drawn in the colours that captions say, on photos kept back.

    python -m benchmarks.colours [--garments] [--checkpoint DIR] [--data DIR] [--sheet FILE]

Regions: those of held-back photos with label maps that people drew (middle squares, 256x256) of
which a caption or narrative says a colour; each photo's own label map is drawn once, with seed 0
and all of its colours told. Nobody learned from these photos, nor do `segmentation/colours.txt`.
With `--garments`, what one person wears in place of them, where it covers that person.

"to the colour meant": the mean CIEDE2000 between a region's mean colour and what its colour's name
means for its label; "to the photo": to the same region's mean colour in the photo. "named": the
share of regions that are nearer to their own colour than to what the other of 11 names mean; chance
is 0.09. "picked": the share of captions that the matcher finds nearer to the picture than the same
caption with any other of the 11 names; "R": among those of all other photos. Nothing that the
matcher is made of taught the generator. Intervals are 95 % bootstraps over photos. "ms": the median
of a picture's time, on as many cores as the process has.
"""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.colours import ColourNames, Lab, lab_of, mean_of
from segmentation.told_colours import ToldColours
from segmentation.told_regions import UNTOLD
from trecs.data.dataset import Dataset, data_folder
from trecs.evaluation.instruments.matcher import MatcherEncoder
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.colour_difference import ciede2000
from trecs.evaluation.measures.text_match import draw_strangers, r_precision
from trecs.evaluation.sheet import contact_sheet
from trecs.installed import thumbnails_folder
from trecs.synthesis import Generator
from trecs.synthesis.said_colours import SaidColour, said_colours, worn_colours
from trecs.synthesis.steering import steered

SIZE = 256
NAMES = "red orange yellow green blue purple pink brown black white grey".split()
TYPED = {"grey": "grey|gray"}
SHOWN = 24

Pictures = list[NDArray[np.uint8]]


def main() -> None:
    """Prints the table, and draws a sheet where one is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--garments", action="store_true", help="what people wear")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="draw 24 photos' regions")
    args = parser.parse_args()
    try:
        regions = worn_colours if args.garments else said_colours
        found = list(regions(Dataset(data_folder(args.data)), held_back=True, side=SIZE))
        stage = thumbnails_folder(args.checkpoint)
        generator = Generator.load(args.checkpoint / "generator", thumbnails=stage)
        matcher = MatcherEncoder.load(args.checkpoint / "matcher")
    except InputError as error:
        sys.exit(str(error))
    photos = photos_of(found)
    told = [told_of(regions) for regions in photos]
    rows: dict[str, tuple[Pictures, float]] = {
        "real photos": ([regions[0].scene.photo for regions in photos], 0.0),
        "none told": drawn(generator, photos, [None] * len(photos)),
        "**told**": drawn(generator, photos, told),
    }
    plain, _ = rows["none told"]
    at_the_end = [steered(picture, one) for picture, one in zip(plain, told, strict=True)]
    rows["told at the end alone"] = (at_the_end, 0.0)
    several = sum(len(one.mention.colours) > 1 for one in found)
    print(f"{len(found)} regions of {len(photos)} photos, {several} of several colours\n")
    print("| pictures | to the colour meant | to the photo | named | picked | R | ms |")
    print("|---|---|---|---|---|---|---|")
    for title, (pictures, milliseconds) in rows.items():
        columns = measured(photos, pictures, matcher)
        took = f"{milliseconds:.0f}" if milliseconds else ""
        print(f"| {title} | {' | '.join(columns)} | {took} |")
    if args.sheet:
        draw_sheet(args.sheet, photos, [pictures for pictures, _ in rows.values()], list(rows))


def photos_of(found: Sequence[SaidColour]) -> list[list[SaidColour]]:
    """The regions of each photo; of one label's that overlap the first counts."""
    photos: dict[int, list[SaidColour]] = {}
    for one in found:
        regions = photos.setdefault(id(one.scene), [])
        if not any((other.region & one.region).any() for other in regions):
            regions.append(one)
    return list(photos.values())


def told_of(regions: Sequence[SaidColour]) -> ToldColours:
    """The colours of a photo's regions."""
    numbers = np.full(regions[0].region.shape, UNTOLD, np.uint8)
    for number, one in enumerate(regions):
        numbers[one.region] = number
    return ToldColours(numbers, tuple(map(meant, regions)))


def meant(one: SaidColour) -> tuple[Lab, ...]:
    """The colours that a region's names mean."""
    return tuple(ColourNames.read().one(one.label, name) for name in one.mention.colours)


def drawn(
    generator: Generator, photos: Sequence[list[SaidColour]], told: Sequence[ToldColours | None]
) -> tuple[Pictures, float]:
    """Pictures of the photos' canvases, and the median of their times in milliseconds."""
    generator.render(photos[0][0].scene.canvas, 0, SIZE, told[0])
    pictures, times = [], []
    for regions, colours in zip(photos, told, strict=True):
        began = time.perf_counter()
        pictures.append(generator.render(regions[0].scene.canvas, 0, SIZE, colours))
        times.append(time.perf_counter() - began)
    return pictures, 1000 * float(np.median(times))


def measured(
    photos: Sequence[list[SaidColour]], pictures: Pictures, matcher: MatcherEncoder
) -> list[str]:
    """The columns of a row."""
    names = ColourNames.read()
    of_photo, to_meant, to_photo, named, picked = [], [], [], [], []
    for number, (regions, picture) in enumerate(zip(photos, pictures, strict=True)):
        vector = matcher.pictures(picture[None])
        for one in regions:
            mean = lab_of(picture)[one.region].mean(0)
            of_photo.append(number)
            to_meant.append(float(ciede2000(mean, mean_of(meant(one)))))
            to_photo.append(float(ciede2000(mean, lab_of(one.scene.photo)[one.region].mean(0))))
            (name, *others) = one.mention.colours
            if others or name not in NAMES:
                continue
            apart = ciede2000(mean, [names.one(one.label, other) for other in NAMES])
            named.append((number, bool(apart.argmin() == NAMES.index(name))))
            typed = re.compile(rf"\b({TYPED.get(name, name)})\b", re.IGNORECASE)
            if typed.search(one.text):
                texts = matcher.texts([typed.sub(other, one.text) for other in NAMES])
                alike = (texts / np.linalg.norm(texts, axis=1, keepdims=True)) @ vector[0]
                picked.append((number, bool(alike.argmax() == NAMES.index(name))))
    texts = matcher.texts([regions[0].text for regions in photos])
    places = np.arange(len(photos))
    hits = r_precision(matcher.pictures(np.stack(pictures)), texts, places,
                       draw_strangers(places, places))  # fmt: skip
    return [
        *(told(values, of_photo, 1) for values in (to_meant, to_photo)),
        *(told([hit for _, hit in some], [n for n, _ in some], 2) for some in (named, picked)),
        told(hits, places, 2),
    ]


def told(values: Sequence[float] | NDArray, groups: Sequence[int] | NDArray, digits: int) -> str:
    """A mean with its interval."""
    low, high = bootstrap_interval(np.array(values, float), groups=np.array(groups))
    return f"{np.mean(values):.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def draw_sheet(
    path: Path, photos: Sequence[list[SaidColour]], rows: Sequence[Pictures], titles: list[str]
) -> None:
    """Some photos' pictures of every row beside one another."""
    chosen = [i * len(photos) // SHOWN for i in range(min(SHOWN, len(photos)))]
    lines = [
        [photos[i][0].scene.canvas.picture(), *(pictures[i] for pictures in rows)] for i in chosen
    ]
    contact_sheet(["label map", *titles], lines).save(path, quality=90)
    for i in chosen:
        print(i, *(f"{one.mention.noun}: {'/'.join(one.mention.colours)}" for one in photos[i]))


if __name__ == "__main__":
    main()
