"""`trecs draw`: from a narrative file to a folder of results, by TReCS or any other system."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments
from trecs.systems import registry

if TYPE_CHECKING:
    from trecs.narrative import Narrative
    from trecs.picture_record import PictureRecord
    from trecs.result import Result
    from trecs.systems.card import Card
    from trecs.systems.interface import Drawing, Home

DRAWING = (
    *("image.png", "label_map.png", "instance_map.png", "canvas.png", "result.json"),
    *("attention/*_[0-9][0-9]_*.png", "attention/sheet.png", "growing.gif"),
)
"""All that a drawing may have: none of an older one stays beside a new one."""


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
            "writes of these what it has, where its words counted, in attention/, and its steps, "
            "if it draws in some, as growing.gif. A PNG that the studio drew is drawn again, on "
            "its canvas and by its seeds."
        ),
        epilog="example: trecs draw narrative.json --out drawing --seed 7",
    )
    parser.add_argument("narrative", type=Path, metavar="NARRATIVE.json|PICTURE.png")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--system",
        choices=names,
        default=own,
        metavar="NAME",
        help=f"what draws: {', '.join(names)} (default: {own}; `trecs systems` tells of each)",
    )
    arguments.add_seed(parser)
    parser.set_defaults(seed=None)  # 0, or what a picture remembers
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
    arguments.add_diffusion(parser)
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder, for a system that copies from it (default: $TRECS_DATA)",
    )
    parser.add_argument(
        "--colour",
        action="append",
        default=[],
        metavar="WORD=COLOUR",
        help="the colour of what a word names, such as bus=red, 3=#c81e1e (its number, from 0) or "
        "bus= (none, whatever is said); may be given again",
    )
    parser.add_argument(
        "--region-seed",
        action="append",
        default=[],
        metavar="WORD=SEED",
        help="a seed for what a word names alone, such as cow=7, 3=7 (its number, from 0), tree=7 "
        "(a label's name, for what no word says) or cow= (the picture's again); may be given again",
    )
    parser.add_argument(
        "--layers",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="also write the picture in layers, or its regions: .psd, .ora, .json (COCO), .png "
        "(panoptic, with its .json), .svg (the trace); may be given again. An edited one is "
        "rendered by `trecs render`",
    )
    parser.add_argument(
        "--edit",
        type=Path,
        metavar="PICTURE",
        help="a picture that the narrative's words change, by a --system that edits pictures; the "
        "way there is growing.gif",
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
    from dataclasses import replace

    from files.whole import write_atomically, written_whole
    from trecs import narrative
    from trecs.commands.of_words import colours, seeds
    from trecs.commands.output import check_file, check_folder
    from trecs.exchange.formats import format_of
    from trecs.picture_record import is_png, read_picture_record

    check_folder(args.out)
    if args.layers:
        _check_composes(args)
    for path in args.layers:
        format_of(path)
        check_file(path)
    record = read_picture_record(args.narrative) if is_png(args.narrative) else None
    if record is None:
        told = narrative.read(args.narrative, ignore_trace=args.no_trace)
    else:
        told = record.narrative.without_trace() if args.no_trace else record.narrative
    if args.colour or args.region_seed:
        told = told.also_coloured(colours(args.colour)).also_seeded(seeds(args.region_seed))
        record = record and replace(record, narrative=told)
    drawing = _drawing(told, None if args.no_trace else record, args)
    notes = told.notes if drawing.result is None else drawing.result.narrative.notes
    for note in (*notes, *drawing.notes):
        print(f"trecs: {note}", file=sys.stderr)
    result = _result(drawing, told, args.seed)
    layers = _layers(result, args.layers)
    with written_whole(args.out, DRAWING) as folder:
        _write(drawing, told, result, args, folder)
    for path, content in layers.items():
        write_atomically(path, content)
    print(args.out)


def _drawing(
    told: "Narrative", record: "PictureRecord | None", args: argparse.Namespace
) -> "Drawing":
    """What the system makes of a narrative, or the pipeline of what a picture remembers."""
    from dataclasses import replace

    from trecs.device import best_device
    from trecs.hub import checkpoint_folder
    from trecs.systems.interface import Drawing, Home

    home = Home(
        checkpoint_folder(args.checkpoint),
        args.library,
        args.generator,
        args.data,
        autoencoder=args.autoencoder,
        diffusion=arguments.diffusion_settings(args),
        size=args.size,
    )
    if args.edit is None and record is not None and args.system == registry.own().name:
        pipeline = home.pipeline(best_device())
        result = pipeline.redrawn(record, picture_seed=args.seed, size=args.size)
        assert result.image is not None
        return Drawing(result.image, result.canvas, result=result)
    args.seed = args.seed or 0
    if args.edit is not None:
        drawing = _edited(told, home, args)
    else:
        drawing = registry.card(args.system).load(home).draw(told, args.seed)
    drawing = drawing.resized(args.size)
    if told.seeds and drawing.result is None:
        note = f"{args.system} draws no region apart: the regions' own seeds change nothing."
        return replace(drawing, notes=(*drawing.notes, note))
    return drawing


def _edited(told: "Narrative", home: "Home", args: argparse.Namespace) -> "Drawing":
    """What the words make of a picture; raises InputError where the system edits none."""
    import numpy as np

    from files.errors import InputError
    from files.pictures import read_rgb
    from trecs.systems.interface import Editor

    if not _edits(registry.card(args.system)):
        editing = [name for name, card in registry.cards().items() if _edits(card)]
        raise InputError(
            f"--edit wants a --system that edits pictures, and {args.system} does not; expected "
            f"{' or '.join(editing)}."
        )
    picture = np.asarray(read_rgb(args.edit))
    system = registry.card(args.system).load(home)
    assert isinstance(system, Editor)
    return system.edit(picture, " ".join(word.text for word in told.words), args.seed)


def _check_composes(args: argparse.Namespace) -> None:
    """Raises InputError where what is asked for makes no canvas that could go into layers."""
    from files.errors import InputError

    if args.edit is not None:
        raise InputError("--layers wants a canvas, and --edit makes none; leave one of them out.")
    if not registry.card(args.system).composes:
        composing = [name for name, card in registry.cards().items() if card.composes]
        raise InputError(
            f"--layers wants a --system that composes a canvas, and {args.system} does not; "
            f"expected {' or '.join(composing)}."
        )


def _edits(card: "Card") -> bool:
    """Whether a system edits pictures."""
    from trecs.systems.interface import Editor

    return issubclass(card.named(card.system), Editor)


def _result(drawing: "Drawing", told: "Narrative", seed: int | None) -> "Result":
    """The pipeline's result, or what there is of one where another system has drawn."""
    from trecs.result import Result

    if drawing.result is not None:
        return drawing.result
    parts: dict[str, Any] = {"canvas": drawing.canvas, "image": drawing.picture}
    return Result(told, **parts, seed=seed, picture_seed=seed)


def _layers(result: "Result", paths: list[Path]) -> dict[Path, bytes]:
    """The files of all --layers; raises InputError where two would be one."""
    from files.errors import InputError
    from trecs.exchange import written

    files: dict[Path, bytes] = {}
    for path in paths:
        for place, content in written(result.drawn(), path).items():
            if place in files:
                raise InputError(
                    f"Two of --layers would write '{place}' (a panoptic .png has a .json beside "
                    "it); give them different names."
                )
            files[place] = content
    return files


def _write(
    drawing: "Drawing", told: "Narrative", result: "Result", args: argparse.Namespace, folder: Path
) -> None:
    """Writes what there is of a drawing."""
    import json

    from trecs.systems.parts.growing import write_growing
    from trecs.systems.parts.overlays import write_overlays

    result.save(folder)
    if drawing.result is not None:
        return
    edited = {} if args.edit is None else {"edited": args.edit.name}
    notes = [*told.notes, *drawing.notes]
    record = {"system": args.system, **edited, **result.to_json(), "notes": notes}
    text = json.dumps(record, indent=2, ensure_ascii=False)
    (folder / "result.json").write_text(text, "utf-8")
    if drawing.attention is not None:
        write_overlays(drawing.picture, drawing.attention, folder / "attention")
    if drawing.frames:
        write_growing(drawing.frames, args.size, folder / "growing.gif")
