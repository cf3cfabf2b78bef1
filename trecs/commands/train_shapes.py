"""`trecs train shapes`: the shape and layout models, and a library generated from them."""

import argparse
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "shapes",
        help="silhouettes and layouts, and scenes made of them",
        description=(
            "Fits the shape model (OUT/shapes) and the layout model (OUT/layout) to the polygons, "
            "label maps and narratives of a data folder; a model that is already there is kept. "
            "With --scenes, writes a library of generated scenes to OUT/library."
        ),
        epilog="example: trecs train shapes --out runs/shapes --scenes 2400",
    )
    arguments.add_run(parser, "shapes")
    parser.add_argument(
        "--scenes",
        type=arguments.count,
        metavar="N",
        help="scenes to generate (default: none)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from trecs.commands.output import check_folder
    from trecs.learning.folder import taken

    check_folder(args.out)
    with taken(args.out):
        _fit(args)


def _fit(args: argparse.Namespace) -> None:
    from dataclasses import replace

    from retrieval.generation import generate_library
    from retrieval.layouts import LayoutConfig
    from trecs.data.dataset import data_folder
    from trecs.scenes import layouts, shapes
    from trecs.scenes.shapes import ShapesTraining

    data = data_folder(args.data)
    config = replace(ShapesTraining.tiny() if args.tiny else ShapesTraining(), seed=args.seed)
    layout_config = LayoutConfig.tiny() if args.tiny else LayoutConfig()
    if not (args.out / "shapes" / "config.json").is_file():
        shapes.train(config, data, args.out / "shapes")
        print(args.out / "shapes")
    if not (args.out / "layout" / "config.json").is_file():
        layouts.train(layout_config, data, args.out / "layout", seed=args.seed)
        print(args.out / "layout")
    if args.scenes is not None:
        generate_library(
            args.out / "shapes", args.out / "layout", args.out / "library", args.scenes, args.seed
        )
        print(args.out / "library")
