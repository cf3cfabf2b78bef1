"""`trecs render`: the generator alone, from a label map to a picture."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "render",
        help="render a label map with the generator alone",
        description=(
            "Renders a label map: an 8-bit grey or indexed PNG of COCO-Stuff values (0-181, "
            "255 = unlabeled)."
        ),
        epilog="example: trecs render drawing/label_map.png --out picture.png --seed 3",
    )
    parser.add_argument("label_map", type=Path, metavar="LABEL_MAP.png")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="IMAGE.png", help="the PNG to write"
    )
    parser.add_argument(
        "--instances",
        type=Path,
        metavar="PNG",
        help="an instance map of the same size, 8- or 16-bit grey, 0 = stuff (default: the "
        "connected parts of each thing)",
    )
    arguments.add_seed(parser)
    arguments.add_checkpoint(parser)
    arguments.add_generator(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    import io

    from PIL import Image

    from files.weights import write_atomically
    from segmentation.canvas import Canvas, instances_of, read_instance_map, read_label_map
    from trecs.commands.output import check_file

    check_file(args.out)
    label_map = read_label_map(args.label_map)
    instance_map = (
        read_instance_map(args.instances, label_map.shape)
        if args.instances
        else instances_of(label_map)
    )

    from trecs.device import best_device
    from trecs.hub import checkpoint_folder
    from trecs.installed import generator_folder
    from trecs.synthesis.generator import Generator

    checkpoint = checkpoint_folder(args.checkpoint)
    generator = Generator.load(generator_folder(checkpoint, args.generator), best_device())
    picture = generator.render(Canvas(label_map, instance_map), args.seed)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    write_atomically(args.out, buffer.getvalue())
    print(args.out)
