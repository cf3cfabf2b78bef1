"""`trecs weights`: brings others' released weights in, and lists what is installed."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "weights",
        help="import the authors' released weights; list what is installed",
        description="Trained parts: others' released files in, and what is there.",
        epilog="example: trecs weights import spade latest_net_G.pth",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_import(actions)
    _add_list(actions)


def _add_import(actions: Any) -> None:
    parser = actions.add_parser(
        "import",
        help="convert released weights into our format",
        description="Converts the authors' released files; nothing in them is run.",
        epilog="example: trecs weights import spade latest_net_G.pth",
    )
    models = parser.add_subparsers(metavar="MODEL", required=True)
    spade = models.add_parser(
        "spade",
        help="SPADE's COCO-Stuff generator",
        description=(
            "Converts SPADE's released COCO-Stuff generator, latest_net_G.pth of "
            "coco_pretrained, and prints its folder. `trecs draw` and `trecs render` then use it "
            "with --generator spade."
        ),
        epilog="example: trecs weights import spade checkpoints/coco_pretrained/latest_net_G.pth",
    )
    spade.add_argument("path", type=Path, metavar="PATH", help="the .pth file, or its folder")
    _add_out(spade, "spade")
    spade.add_argument(
        "--half", action="store_true", help="store float16: half the size, nearly the same pictures"
    )
    spade.set_defaults(run=import_spade)


def _add_out(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"the folder to write (default: weights/{name} in $TRECS_HOME or ~/.cache/trecs, "
        f"where --generator {name} finds it)",
    )
    parser.set_defaults(name=name)


def _add_list(actions: Any) -> None:
    parser = actions.add_parser(
        "list",
        help="list the installed parts",
        description=(
            "Prints the parts of the checkpoint folder and the imported ones: name, kind, "
            "parameters, size, licence and folder."
        ),
        epilog="example: trecs weights list",
    )
    arguments.add_checkpoint(parser)
    parser.set_defaults(run=list_parts)


def import_spade(args: argparse.Namespace) -> None:
    """Runs `trecs weights import spade`."""
    from trecs.commands.output import check_folder, written_whole
    from trecs.installed import imported_folder

    out = args.out or imported_folder() / args.name
    check_folder(out)

    from trecs.weights_import import spade

    with written_whole(out) as folder:
        spade.import_spade(args.path, folder, half=args.half)
    print(out)


def list_parts(args: argparse.Namespace) -> None:
    """Runs `trecs weights list`."""
    from trecs.hub import checkpoint_folder
    from trecs.installed import imported_folder, parts_of

    parts = [*parts_of(checkpoint_folder(args.checkpoint)), *parts_of(imported_folder())]
    rows = [("name", "kind", "parameters", "size", "licence", "folder")]
    rows += [
        (
            part.name,
            part.kind,
            f"{part.parameters:,}" if part.parameters else "-",
            f"{part.size / 2**20:.1f} MB",
            part.licence,
            str(part.folder),
        )
        for part in parts
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
