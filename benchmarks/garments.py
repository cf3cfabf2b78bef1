"""On which rows of a person the colour of a garment is seen: what `segmentation.garments` holds.

    python -m benchmarks.garments [--data DIR]

Training photos of one person, of whom a caption says a garment's colour: the share of the pixels of
each tenth of the person's height, from above, that are nearer to what the colour's name means for
clothes than to the other of 11 names, in percent. By the part of the body that the garment covers
and by how the person is seen. Whether garments are drawn in their colours is measured by
`python -m benchmarks.colours --garments`.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.colours import NAMES
from files.errors import InputError
from segmentation.colours import ColourNames, lab_of
from segmentation.garments import PARTS, ROWS, Part, Posture, posture_of
from trecs.data.dataset import Dataset, data_folder
from trecs.evaluation.measures.colour_difference import ciede2000
from trecs.synthesis.said_colours import CLOTHES, WornColour, worn_colours

BINS = 10
LEAST = 10  # photos of a row of the table


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    profiles = defaultdict[tuple[Posture, Part], list[NDArray[np.float64]]](list)
    try:
        for one in worn_colours(Dataset(data_folder(args.data)), held_back=False):
            if len(one.mention.colours) == 1 and one.mention.colours[0] in NAMES:
                profiles[posture_of(one.wearer), one.part].append(profile(one))
    except InputError as error:
        sys.exit(str(error))
    print(f"| | | photos | {' | '.join(map(str, range(1, BINS + 1)))} | told |")
    print(f"|{'---|' * (BINS + 4)}")
    for posture in get_args(Posture):
        for part in PARTS:
            some = profiles[posture, part]
            if len(some) >= LEAST:
                cells = " | ".join(f"{share:.0f}" for share in 100 * np.nanmean(some, 0))
                first, last = ROWS[posture][part]
                print(f"| {posture} | {part} | {len(some)} | {cells} | {first} to {last} |")


def profile(one: WornColour) -> NDArray[np.float64]:
    """The share of each tenth of a wearer's height that has the colour said, (BINS,)."""
    rows, columns = np.nonzero(one.wearer)
    tenth = (rows - rows.min()) * BINS // (np.ptp(rows) + 1)
    pixels = lab_of(one.scene.photo)[rows, columns]
    names = ColourNames.read()
    apart = np.stack([ciede2000(pixels, names.one(CLOTHES, name)) for name in NAMES])
    hit = apart.argmin(0) == NAMES.index(one.mention.colours[0])
    return np.array([hit[tenth == i].mean() if (tenth == i).any() else np.nan for i in range(BINS)])


if __name__ == "__main__":
    main()
