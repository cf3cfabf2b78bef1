"""`trecs draw`: from a narrative file to a folder of results, by TReCS or any other system."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments
from trecs.systems import registry

if TYPE_CHECKING:
    from trecs.narrative import Narrative
    from trecs.systems.interface import Drawing


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    names, own = registry.names(), registry.own().name
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "draw",
        help="draw a narrative: image, label map, instances and every intermediate",
        description=(
            "Draws a narrative in the Localized Narratives format. Writes image.png, "
            "label_map.png (uint8, 255 = unlabeled), instance_map.png, canvas.png (palette) and "
            "result.json (tags, regions, placements, seeds, timings, versions). Another --system "
            "writes of these what it has, and where its words counted, in attention/."
        ),
        epilog="example: trecs draw narrative.json --out drawing --seed 7",
    )
    parser.add_argument("narrative", type=Path, metavar="NARRATIVE.json")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--system",
        choices=names,
        default=own,
        metavar="NAME",
        help=f"what draws: {', '.join(names)} (default: {own}; `trecs systems` tells of each)",
    )
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
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder, for a system that copies from it (default: $TRECS_DATA)",
    )
    parser.add_argument(
        "--no-trace",
        action="store_true",
        help="ignore the trace; the trace predictor draws one from the words",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    import sys

    from trecs import narrative
    from trecs.commands.output import check_folder, written_whole
    from trecs.hub import checkpoint_folder

    check_folder(args.out)
    told = narrative.read(args.narrative, ignore_trace=args.no_trace)

    from trecs.systems.interface import Home

    home = Home(
        checkpoint_folder(args.checkpoint), args.library, args.generator, args.data, size=args.size
    )
    drawing = registry.card(args.system).load(home).draw(told, args.seed).resized(args.size)
    for note in drawing.notes:
        print(f"trecs: {note}", file=sys.stderr)
    with written_whole(args.out) as folder:
        _write(drawing, told, args, folder)
    print(args.out)


def _write(drawing: "Drawing", told: "Narrative", args: argparse.Namespace, folder: Path) -> None:
    """Writes what there is of a drawing."""
    import json

    from trecs.result import Result
    from trecs.systems.parts.overlays import write_overlays

    if drawing.result is not None:
        drawing.result.save(folder)
        return
    result = Result(
        told,
        canvas=drawing.canvas,
        image=drawing.picture,
        seed=args.seed,
        picture_seed=args.seed,
    )
    result.save(folder)
    record = {"system": args.system, **result.to_json(), "notes": list(drawing.notes)}
    text = json.dumps(record, indent=2, ensure_ascii=False)
    (folder / "result.json").write_text(text, "utf-8")
    if drawing.attention is not None:
        write_overlays(drawing.picture, drawing.attention, folder / "attention")
