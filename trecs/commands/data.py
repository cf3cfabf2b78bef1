"""`trecs data download` and `trecs data prepare`: the public datasets for training."""

import argparse
import sys
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "data",
        help="download COCO, COCO-Stuff and Localized Narratives; prepare them for training",
        description="The public datasets for training and for the real scene library.",
        epilog="example: trecs data download --out coco && trecs data prepare coco --out data",
    )
    steps = parser.add_subparsers(metavar="STEP", required=True)
    _add_download(steps)
    _add_prepare(steps)
    _add_compose(steps)


def _add_download(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "download",
        help="download and unpack the official files; goes on where it stopped",
        description=(
            "Downloads the official files and unpacks them: annotations (0.25 GB), stuff "
            "(COCO-Stuff maps of things and stuff, 0.7 GB), stuff-pixelmaps (COCO 2017's maps of "
            "stuff alone, 1.1 GB), narratives (Localized Narratives of COCO with traces, 4 GB), "
            "val-photos (0.8 GB), train-photos (18 GB). The checksums of the COCO archives are "
            "known; of the other files the first download's SHA-256 is recorded and checked from "
            "then on."
        ),
        epilog="example: trecs data download --out coco --groups annotations stuff val-photos",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument(
        "--groups",
        nargs="+",
        metavar="GROUP",
        help="what to download (default: all but stuff-pixelmaps and train-photos)",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="a mirror that has all files in one place"
    )
    parser.set_defaults(run=download)


def _add_prepare(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "prepare",
        help="bring downloaded COCO files into the layout that `trecs train --data` reads",
        description=(
            "Reads annotations/instances_*2017.json, the photos {train,val}2017/, the maps "
            "stuffthingmaps/{train,val}2017/ or annotations/stuff_*2017_pixelmaps/, and, where "
            "they are there, annotations/captions_*2017.json and "
            "coco_*_localized_narratives*.jsonl. Writes photos, label maps, instance maps, "
            "annotations, captions, and narratives both with their traces and with a label for "
            "each word (the most frequent one in the hull of its trace, refined by the words)."
        ),
        epilog="example: trecs data prepare coco --out data",
    )
    parser.add_argument("coco", type=Path, metavar="COCO_DIR", help="what `data download` made")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    arguments.add_hull_odds(parser)
    parser.add_argument(
        "--no-refinement", action="store_true", help="keep the labels of the hulls as they are"
    )
    parser.set_defaults(run=prepare)


def _add_compose(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "compose",
        help="canvases as the studio composes them, for the training of generators",
        description=(
            "Tells every training photo by its own labels, traced by the simulated annotator, and "
            "writes the canvas that is composed from that. Stopped, it goes on with the same "
            "command."
        ),
        epilog="example: trecs data compose --out composed && "
        "trecs train thumbnails --composed composed",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.set_defaults(run=compose)


def download(args: argparse.Namespace) -> int:
    """Runs `trecs data download`."""
    from trecs.commands.output import check_folder
    from trecs.data import sources
    from trecs.data.download import DownloadError, fetch
    from trecs.data.unpack import unpack

    wanted = sources.chosen(args.groups or list(sources.DEFAULT_GROUPS), args.base_url)
    check_folder(args.out)
    try:
        for source in wanted:
            path = fetch(source, args.out)
            if source.unpack_to is not None:
                unpack(path, args.out / source.unpack_to)
    except DownloadError as error:
        print(f"trecs: {error}", file=sys.stderr)
        return 1
    print(args.out)
    return 0


def prepare(args: argparse.Namespace) -> None:
    """Runs `trecs data prepare`."""
    from trecs.commands.output import check_folder
    from trecs.data.prepare import prepare as run
    from trecs.refinement import RefinerConfig

    check_folder(args.out)
    refinement = None if args.no_refinement else RefinerConfig(hull_odds=args.hull_odds)
    counts = run(args.coco, args.out, refinement)
    left_out = [
        f"{number:,} {what}"
        for number, what in (
            (counts.without_photo, "images without their photo"),
            (counts.without_stuff, "photos without a stuff map"),
            (counts.unusable_narratives, "unusable narratives"),
        )
        if number
    ]
    print(
        f"{args.out}: {counts.photos:,} photos, {counts.narratives:,} narratives"
        + (f"; left out: {', '.join(left_out)}" if left_out else "")
    )


def compose(args: argparse.Namespace) -> None:
    """Runs `trecs data compose`."""
    from trecs.commands.output import check_folder
    from trecs.pipeline import TReCS
    from trecs.training.composed import compose_photos
    from trecs.training.data import Dataset, data_folder

    check_folder(args.out)
    dataset = Dataset(data_folder(args.data))
    count = compose_photos(TReCS.from_pretrained(), dataset, args.out)
    print(f"{args.out}: {count:,} canvases")
