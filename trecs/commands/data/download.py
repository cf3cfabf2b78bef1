"""`trecs data download`: brings the official files here."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
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
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
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
