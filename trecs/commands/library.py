"""`trecs library`: builds, generates, embeds, searches and describes scene libraries."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encoder import DualEncoder

SHOWN_LABELS = 8


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "library",
        help="build, generate, embed, search or describe a library of scenes and their masks",
        description="Scene libraries: the masks that canvases are made of.",
        epilog="example: trecs library build --instances instances_val2017.json "
        "--stuff stuff_val2017_pixelmaps --out coco",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    _add_build(actions)
    _add_generate(actions)
    _add_embed(actions)
    _add_search(actions)
    _add_info(actions)


def _add_build(actions: Any) -> None:
    parser = actions.add_parser(
        "build",
        help="build one from COCO's annotation files",
        description=(
            "Builds a library from COCO's instances file, or another tool's export in its format, "
            "and, for stuff, COCO's pixel maps or COCO-Stuff's label maps. No photos are needed; "
            "with --photos the library keeps copies of them, for collages, and where every photo "
            "has a label map, it needs no instances file. Photos without a map get no stuff. "
            "Categories are told by their names, not by their numbers; the numbering of maps is "
            "checked against the things that are annotated."
        ),
        epilog="example: trecs library build --instances instances_val2017.json "
        "--stuff stuff_val2017_pixelmaps --out coco",
    )
    parser.add_argument(
        "--instances",
        type=Path,
        metavar="FILE",
        help="instances_*.json; may be left out with --photos and --labels: then the connected "
        "parts of a label are its things",
    )
    parser.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="the photos, of which the library keeps copies of at most 512 pixels a side, so that "
        "it may be moved; draw with --generator collage then",
    )
    stuff = parser.add_mutually_exclusive_group()
    stuff.add_argument(
        "--stuff",
        type=Path,
        metavar="DIR",
        help="COCO's stuff_*_pixelmaps: PNG files of COCO-Stuff ids",
    )
    stuff.add_argument(
        "--labels",
        type=Path,
        metavar="DIR",
        help="COCO-Stuff's stuffthingmaps: PNG files of ids less one, 255 = unlabeled; or other "
        "label maps of things and stuff",
    )
    arguments.add_strict(parser)
    _add_out(parser)
    parser.set_defaults(run=build)


def _add_generate(actions: Any) -> None:
    parser = actions.add_parser(
        "generate",
        help="generate one with the shape and layout models",
        description="Makes up scenes with the shape and layout models: no third party's masks.",
        epilog="example: trecs library generate --scenes 2500 --out scenes",
    )
    parser.add_argument(
        "--scenes",
        type=arguments.count,
        default=2500,
        metavar="N",
        help="how many (default: 2500)",
    )
    arguments.add_seed(parser)
    _add_out(parser)
    parser.set_defaults(run=generate)


def _add_embed(actions: Any) -> None:
    parser = actions.add_parser(
        "embed",
        help="embed one's scenes again, with another encoder",
        description="Gives a library the embeddings of a checkpoint's encoder, in its place.",
        epilog="example: trecs library embed --library coco",
    )
    _add_library(parser)
    arguments.add_checkpoint(parser)
    parser.set_defaults(run=embed)


def _add_search(actions: Any) -> None:
    parser = actions.add_parser(
        "search",
        help="find the scenes that fit a text",
        description=(
            "Prints the scenes nearest to a text: rank, similarity, name, labels. The labels that "
            "the checkpoint's tagger sees in it count too."
        ),
        epilog='example: trecs library search "a dog on the grass" -k 5',
    )
    parser.add_argument("text")
    parser.add_argument(
        "-k", type=arguments.count, default=5, metavar="N", help="how many scenes (default: 5)"
    )
    _add_library(parser)
    arguments.add_checkpoint(parser)
    parser.set_defaults(run=search)


def _add_info(actions: Any) -> None:
    parser = actions.add_parser(
        "info",
        help="say what is in one",
        description="Prints where a library came from, its size and the masks of each label.",
        epilog="example: trecs library info --library coco",
    )
    _add_library(parser)
    arguments.add_checkpoint(parser)
    parser.set_defaults(run=info)


def build(args: argparse.Namespace) -> None:
    """Runs `trecs library build`."""
    from retrieval.coco import build_library
    from trecs.commands.output import check_folder
    from trecs.tagging.reading import all_nouns

    check_folder(args.out)
    if args.instances is None:
        _build_painted(args)
        return
    encoder = _encoder(args)
    report = build_library(
        args.instances,
        args.out,
        stuff=args.stuff,
        labels=args.labels,
        photos=args.photos,
        synonyms=all_nouns().labels,
        strict=args.strict,
        embed=encoder.embed,
    )
    print(f"{args.out}: {report.scenes:,} scenes with {report.masks:,} masks")
    if report.without_stuff:
        print(f"{report.without_stuff:,} scenes have things only: no stuff map was given for them")
    if report.empty:
        print(f"{report.empty:,} photos were left out: nothing is annotated in them")
    if args.photos:
        print(f"{report.photos:,} scenes keep their photo")
    for note in report.notes:
        print(note)


def _build_painted(args: argparse.Namespace) -> None:
    """Builds a library of photos and label maps alone."""
    from files.errors import InputError
    from retrieval.kept_photos import build_painted_library

    if args.photos is None or args.labels is None:
        raise InputError(
            "A library is built from --instances FILE, or from --photos DIR with --labels DIR; "
            "give one or the other."
        )
    embed = _encoder(args).embed
    scenes, masks, notes = build_painted_library(
        args.photos, args.labels, args.out, strict=args.strict, embed=embed
    )
    print(f"{args.out}: {scenes:,} scenes with {masks:,} masks, each with its photo")
    for note in notes:
        print(note)


def generate(args: argparse.Namespace) -> None:
    """Runs `trecs library generate`."""
    from retrieval.generation import generate_library
    from retrieval.library import SceneLibrary
    from trecs.commands.output import check_folder

    check_folder(args.out)
    encoder = _encoder(args)
    shapes, layout = (_checkpoint(args) / part for part in ("shapes", "layout"))
    generate_library(shapes, layout, args.out, args.scenes, args.seed, encoder.embed)
    library = SceneLibrary.open(args.out)
    print(f"{args.out}: {library.scene_count:,} scenes with {library.mask_count:,} masks")


def embed(args: argparse.Namespace) -> None:
    """Runs `trecs library embed`."""
    encoder, folder = _encoder(args), _library_folder(args)
    encoder.embed(folder)
    print(f"{folder}: embedded by encoder {encoder.fingerprint}")


def search(args: argparse.Namespace) -> None:
    """Runs `trecs library search`."""
    from files.errors import InputError
    from retrieval.library import SceneLibrary
    from segmentation.labels import NAMES

    library = SceneLibrary.open(_library_folder(args))
    encoder = _encoder(args)
    if library.encoder_fingerprint not in (None, encoder.fingerprint):
        raise InputError(
            f"The scenes of '{library.folder}' were embedded by another encoder; embed them again "
            "with `trecs library embed`, or give the --checkpoint it was built with."
        )
    words = args.text.split()
    if not encoder.numbers(words):
        raise InputError(
            f"The encoder knows no word of '{args.text[:60]}'; describe a scene in English words."
        )
    vector = encoder.encode_text(words, _label_weights(args, words))
    for rank, (scene, score) in enumerate(library.search(vector, args.k), 1):
        ids = sorted(library.masks_of(scene), key=lambda i: -float(library.areas[i]))
        labels = list(dict.fromkeys(NAMES[library.labels[i]] for i in ids))
        more = f" and {len(labels) - SHOWN_LABELS} more" if len(labels) > SHOWN_LABELS else ""
        shown = ", ".join(labels[:SHOWN_LABELS])
        print(f"{rank}\t{score:.3f}\t{library.scene_names[scene]}\t{shown}{more}")


def info(args: argparse.Namespace) -> None:
    """Runs `trecs library info`."""
    from retrieval.library import SceneLibrary
    from segmentation.labels import NAMES

    library = SceneLibrary.open(_library_folder(args))
    print(f"library   {library.folder}")
    print(f"source    {library.source}")
    print(f"scenes    {library.scene_count:,}")
    print(f"masks     {library.mask_count:,}")
    photos = int(library.photos.there.sum()) if library.photos is not None else 0
    print(f"photos    {photos:,}" if photos else "photos    none: it makes no collages")
    print(f"size      {library.bytes_on_disk / 2**20:.1f} MB")
    print(f"encoder   {library.encoder_fingerprint or 'none: the scenes have no embeddings'}")
    counts = {name: len(library.with_label(label)) for label, name in enumerate(NAMES)}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        if counts[name]:
            print(f"{counts[name]:>9,} {name}")


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where to write the library"
    )
    arguments.add_checkpoint(parser)


def _add_library(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--library", type=Path, metavar="DIR", help="the library (default: the bundled one)"
    )


def _library_folder(args: argparse.Namespace) -> Path:
    return args.library or _checkpoint(args) / "library"


def _label_weights(args: argparse.Namespace, words: list[str]) -> "NDArray[np.float32] | None":
    """The tagger's probabilities, (N, 182); None where the checkpoint has no tagger."""
    from trecs.tagging.tagger import Tagger

    folder = _checkpoint(args) / "tagger"
    return Tagger.load(folder).tag(words).probabilities if folder.is_dir() else None


def _encoder(args: argparse.Namespace) -> "DualEncoder":
    """The encoder, loaded before any work is done."""
    from retrieval.encoder import DualEncoder

    return DualEncoder.load(_checkpoint(args) / "encoder")


def _checkpoint(args: argparse.Namespace) -> Path:
    from trecs.hub import checkpoint_folder

    return checkpoint_folder(args.checkpoint)
