"""`trecs weights`: brings others' released weights in, and lists what is installed."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trecs.commands import arguments
from trecs.systems import registry
from trecs.systems.card import Import


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
        description=(
            "Converts the authors' released files; nothing in them is run. A state dict may lie "
            "deeper in a checkpoint of a training, and have the prefixes of wrappers."
        ),
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
    _add_out(spade, "spade", "where `--generator spade` finds it")
    spade.add_argument(
        "--half", action="store_true", help="store float16: half the size, nearly the same pictures"
    )
    spade.set_defaults(run=import_spade)
    damsm = models.add_parser(
        "damsm",
        help="AttnGAN's encoders of words and pictures",
        description=(
            "Converts the released DAMSM encoders (text_encoder*.pth, image_encoder*.pth) and "
            "captions.pickle, in any order, and prints the folder."
        ),
        epilog="example: trecs weights import damsm text_encoder100.pth image_encoder100.pth "
        "captions.pickle",
    )
    _add_paths(damsm)
    _add_out(damsm, "damsm", "where what needs them finds it")
    damsm.set_defaults(run=import_damsm)
    for card in registry.cards().values():
        if card.released is not None:
            _add_system(models, card.name, card.title, card.released)


def _add_system(models: Any, name: str, title: str, released: Import) -> None:
    parser = models.add_parser(
        name,
        help=f"{title}: the authors' files",
        description=(
            f"Converts the files that the authors of {title} released, in any order, and prints "
            f"the folder: {released.files}."
        ),
        epilog=f"example: trecs weights import {name} {released.example}",
    )
    _add_paths(parser)
    if released.part is None:
        _add_out(parser, name, f"where `trecs draw --system {name}` finds it")
    else:
        _add_out(parser, released.part, f"for `trecs train {name}`")
    parser.set_defaults(run=import_system, system=name)


def _add_paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="the files, or folders with them"
    )


def _add_out(parser: argparse.ArgumentParser, name: str, use: str) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help=f"the folder to write (default: weights/{name} in $TRECS_HOME or ~/.cache/trecs, "
        f"{use})",
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
    with _folder_of(args) as folder:
        from trecs.synthesis import released as spade

        spade.import_spade(args.path, folder, half=args.half)


def import_damsm(args: argparse.Namespace) -> None:
    """Runs `trecs weights import damsm`."""
    with _folder_of(args) as folder:
        from trecs.systems.parts import released_damsm

        released_damsm.import_damsm(args.paths, folder)


def import_system(args: argparse.Namespace) -> None:
    """Runs `trecs weights import` for a system, as its card says."""
    card = registry.card(args.system)
    assert card.released is not None
    with _folder_of(args) as folder:
        card.named(card.released.function)(args.paths, folder)


@contextmanager
def _folder_of(args: argparse.Namespace) -> Iterator[Path]:
    """An empty folder for the imported part, which is moved to its place and printed at the end."""
    from files.whole import written_whole
    from trecs.commands.output import check_folder
    from trecs.installed import imported_folder

    out = args.out or imported_folder() / args.name
    check_folder(out)
    with written_whole(out) as folder:
        yield folder
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
