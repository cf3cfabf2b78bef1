"""`trecs render`: the generator alone, from a label map to a picture."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segmentation.canvas import Canvas

SIDE = 256  # pixels of the picture


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "render",
        help="render a label map with the generator alone",
        description=(
            "Renders a label map: a grey PNG of COCO-Stuff values (0-181, 255 = unlabeled), or an "
            "indexed or RGB one in the colours of the studio's canvas.png; or layers that were "
            "saved by `trecs draw --layers` and edited: a PSD, .ora, COCO JSON, or panoptic PNG."
        ),
        epilog="example: trecs render drawing/label_map.png --out picture.png --seed 3",
    )
    parser.add_argument("label_map", type=Path, metavar="LABEL_MAP.png|LAYERS")
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
    arguments.add_diffusion(parser)
    parser.add_argument(
        "--library", type=Path, metavar="DIR", help="for a collage, a library with photos"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    import io

    from PIL import Image

    from files.whole import write_atomically
    from trecs.commands.output import check_file

    check_file(args.out)
    canvas = _canvas(args)
    picture = _picture(canvas, args)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    write_atomically(args.out, buffer.getvalue())
    print(args.out)


def _canvas(args: argparse.Namespace) -> "Canvas":
    """The canvas in the layers, or the maps, that are given."""
    from segmentation.canvas import Canvas, instances_of, read_instance_map, read_label_map
    from trecs.exchange import has_layers, read_layers

    if has_layers(args.label_map):
        canvas = read_layers(args.label_map)
        if args.instances is None:
            return canvas
        label_map = canvas.label_map
    else:
        label_map = read_label_map(args.label_map)
    if args.instances is None:
        return Canvas(label_map, instances_of(label_map))
    return Canvas(label_map, read_instance_map(args.instances, label_map.shape))


def _picture(canvas: "Canvas", args: argparse.Namespace) -> "NDArray[np.uint8]":
    """A canvas as the generator, collage or pipeline draws it that is asked for."""
    from trecs.device import best_device
    from trecs.hub import checkpoint_folder
    from trecs.installed import COLLAGE, DIFFUSERS, generator_folder, thumbnails_folder
    from trecs.synthesis.generator import Generator

    settings = arguments.diffusion_settings(args)
    checkpoint = checkpoint_folder(args.checkpoint)
    generator = Generator.load(
        generator_folder(checkpoint, args.generator),
        best_device(),
        thumbnails=thumbnails_folder(checkpoint),
    )
    if args.generator == DIFFUSERS:
        from trecs.painting import by_diffusion
        from trecs.synthesis.diffusion.diffusion import Diffusion

        diffusion = Diffusion.load(settings, best_device())
        return by_diffusion(diffusion, generator, canvas, args.seed, size=SIDE)
    if args.generator != COLLAGE:
        return generator.render(canvas, args.seed, SIDE)

    from retrieval.encoder import DualEncoder
    from retrieval.library import SceneLibrary
    from trecs.installed import own_library
    from trecs.synthesis.collage.collage import Collage

    library = SceneLibrary.open(args.library or checkpoint / "library")
    encoder, painter = DualEncoder.load(checkpoint / "encoder"), checkpoint / "painter"
    pasting = (library, own_library(), encoder, generator, painter, args.autoencoder)
    return Collage.found(*pasting).render(canvas, args.seed, SIDE)
