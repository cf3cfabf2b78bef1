"""`trecs draw`: the whole pipeline, from a narrative file to a folder of results."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "draw",
        help="draw a narrative: image, label map, instances and every intermediate",
        description=(
            "Draws a narrative in the Localized Narratives format. Writes image.png, "
            "label_map.png (uint8, 255 = unlabeled), instance_map.png, canvas.png (palette) and "
            "result.json (tags, regions, placements, seed, timings, versions)."
        ),
        epilog="example: trecs draw narrative.json --out drawing --seed 7",
    )
    parser.add_argument("narrative", type=Path, metavar="NARRATIVE.json")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    arguments.add_seed(parser)
    parser.add_argument(
        "--size",
        type=arguments.size,
        default=256,
        metavar="PIXELS",
        help="the side of the picture (default: 256)",
    )
    arguments.add_checkpoint(parser)
    parser.add_argument(
        "--library", type=Path, metavar="DIR", help="a scene library made by `trecs library build`"
    )
    arguments.add_generator(parser)
    parser.add_argument(
        "--no-trace",
        action="store_true",
        help="ignore the trace; the trace predictor draws one from the words",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from trecs import narrative
    from trecs.commands.output import check_folder, written_whole

    check_folder(args.out)
    told = narrative.read(args.narrative, ignore_trace=args.no_trace)

    from trecs.pipeline import TReCS

    studio = TReCS.from_pretrained(args.checkpoint, library=args.library, generator=args.generator)
    result = studio(told, args.seed, size=args.size)
    with written_whole(args.out) as folder:
        result.save(folder)
    print(args.out)
