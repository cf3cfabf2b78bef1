"""`trecs browse`: many narratives in a table, one beside what becomes of it, in the browser."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments

if TYPE_CHECKING:
    from trecs.narrative.collection import Collection


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "browse",
        help="look through many narratives in the browser",
        description=(
            "Opens a page with the narratives of a JSONL file, of a folder of JSON and JSONL "
            "files, or of a folder that `trecs evaluate` wrote: filtered by word and label, one "
            "beside its trace, words, canvas, picture and numbers. Draws on demand; nothing leaves "
            "this machine. Lines that cannot be used are counted and named on the page."
        ),
        epilog="example: trecs browse narratives/localized_dev.jsonl --port 7862",
    )
    parser.add_argument("narratives", type=Path, metavar="FILE|DIR")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder of an evaluation, where it lies elsewhere by now",
    )
    arguments.add_seed(parser)
    arguments.add_checkpoint(parser)
    arguments.add_generator(parser)
    parser.add_argument("--library", type=Path, metavar="DIR", help="a scene library")
    arguments.add_page(parser, port=7862)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from trecs.hub import checkpoint_folder
    from trecs.interface.browse.browsing import Browsing
    from trecs.interface.browse.page import open_browsing
    from trecs.interface.models import Models
    from trecs.interface.serving import check_address
    from trecs.interface.texts import speak

    speak(args.texts)
    check_address(args.host, args.port)
    collection = _collection(args)
    print(
        f"{len(collection.entries):,} narratives; {len(collection.bad):,} cannot be used. "
        f"http://{args.host}:{args.port}",
        flush=True,
    )
    checkpoint = checkpoint_folder(args.checkpoint)

    def load() -> Any:
        from trecs.pipeline import TReCS

        return TReCS.from_pretrained(
            checkpoint,
            library=args.library,
            generator=args.generator,
            autoencoder=args.autoencoder,
        )

    models = Models(load, checkpoint, args.library)
    open_browsing(Browsing(collection, models, args.seed), args.host, args.port)


def _collection(args: argparse.Namespace) -> "Collection":
    """What was given: an evaluation's folder, or narratives."""
    from files.errors import InputError
    from trecs.evaluation.browsed import RunCollection
    from trecs.evaluation.run_folder import SETTINGS
    from trecs.narrative.collection import FileCollection

    if (args.narratives / SETTINGS).is_file():
        return RunCollection(args.narratives, args.data)
    if args.data is not None:
        raise InputError("--data is the data folder of an evaluation; leave it out here.")
    return FileCollection(args.narratives)
