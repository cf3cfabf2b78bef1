"""`trecs attngan`: the baseline alone, from a caption to a picture."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments

if TYPE_CHECKING:
    from trecs.systems.attngan.model import AttnGanPicture


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
    import sys

    from trecs.commands.output import check_file, check_folder
    from trecs.hub import checkpoint_folder
    from trecs.installed import attngan_folder

    check_file(args.out)
    if args.attention:
        check_folder(args.attention)
    folder = attngan_folder(checkpoint_folder(args.checkpoint))

    from trecs.systems.attngan.model import AttnGan

    drawn = AttnGan.load(folder).draw(args.caption, args.seed)
    for why, words in (("unknown", drawn.caption.skipped), ("too many", drawn.caption.cut)):
        if words:
            print(f"trecs: {why}, not drawn: {' '.join(words)}", file=sys.stderr)
    if args.attention:
        _write_attention(drawn, args.attention)
    _write_picture(drawn, args.out)
    print(args.out)


def _write_picture(drawn: "AttnGanPicture", path: Path) -> None:
    import io

    from PIL import Image

    from files.weights import write_atomically

    buffer = io.BytesIO()
    Image.fromarray(drawn.picture).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def _write_attention(drawn: "AttnGanPicture", out: Path) -> None:
    """Writes stage2_01_WORD.png and so on, and sheet.png with all of them."""
    from PIL import Image

    from trecs.commands.output import written_whole
    from trecs.systems.parts.overlays import overlay, sheet

    titles, tiles = ["picture"], [drawn.picture]
    with written_whole(out) as folder:
        for stage, attention in drawn.attention.items():
            for number, word in enumerate(drawn.caption.words):
                tile = overlay(drawn.picture, attention[number])
                name = f"stage{stage}_{number + 1:02}_{word[:40]}.png"
                Image.fromarray(tile).save(folder / name)
                titles.append(f"{word} (stage {stage})")
                tiles.append(tile)
        sheet(titles, tiles).save(folder / "sheet.png")
