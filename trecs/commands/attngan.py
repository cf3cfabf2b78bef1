"""`trecs attngan`: the baseline alone, from a caption to a picture."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "attngan",
        help="draw a caption with the AttnGAN baseline, from its words alone",
        description=(
            "Draws a caption with AttnGAN (Xu et al., CVPR 2018), which knows no trace. Words that "
            "it does not know are skipped and told."
        ),
        epilog='example: trecs attngan "a brown horse on the grass" --out horse.png --seed 3',
    )
    parser.add_argument("caption", metavar="CAPTION", help="what the picture shows, in English")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="IMAGE.png", help="the PNG to write"
    )
    arguments.add_seed(parser)
    arguments.add_checkpoint(parser)
    parser.add_argument(
        "--attention",
        type=Path,
        metavar="DIR",
        help="write where each later stage attends to each word: a picture a word, and a sheet",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    import io
    import sys

    from files.whole import write_atomically, written_whole
    from trecs.commands.output import check_file, check_folder
    from trecs.hub import checkpoint_folder

    check_file(args.out)
    if args.attention:
        check_folder(args.attention)
    checkpoint = checkpoint_folder(args.checkpoint)

    from PIL import Image

    from trecs.device import best_device
    from trecs.systems import registry
    from trecs.systems.attngan.model import AttnGan
    from trecs.systems.attngan.system import attention_of
    from trecs.systems.interface import Home
    from trecs.systems.parts.overlays import write_overlays

    (part,) = registry.card("attngan").parts(Home(checkpoint))
    drawn = AttnGan.load(part, best_device()).draw(args.caption, args.seed)
    for why, words in (("unknown", drawn.caption.skipped), ("too many", drawn.caption.cut)):
        if words:
            print(f"trecs: {why}, not drawn: {' '.join(words)}", file=sys.stderr)
    if args.attention:
        with written_whole(args.attention, ("stage[0-9]_[0-9][0-9]_*.png", "sheet.png")) as folder:
            write_overlays(drawn.picture, attention_of(drawn), folder)
    buffer = io.BytesIO()
    Image.fromarray(drawn.picture).save(buffer, "PNG")
    write_atomically(args.out, buffer.getvalue())
    print(args.out)
