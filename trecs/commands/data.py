"""`trecs data`: the public datasets for training, brought here, prepared, counted, composed."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trecs.commands import arguments

if TYPE_CHECKING:
    from trecs.data.contents import Contents

SHOWN_LABELS = 20


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "data",
        help="download COCO, COCO-Stuff and Localized Narratives; prepare and count them",
        description="The public datasets for training and for the real scene library.",
        epilog="example: trecs data download --out coco && trecs data prepare coco --out data",
    )
    steps = parser.add_subparsers(metavar="STEP", required=True)
    _add_download(steps)
    _add_prepare(steps)
    _add_info(steps)
    _add_compose(steps)
    _add_latents(steps)


def _add_download(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "download",
        help="download and unpack the official files; goes on where it stopped",
        description=(
            "Downloads the official files and unpacks them: annotations (0.25 GB), stuff "
            "(COCO-Stuff maps of things and stuff, 0.7 GB), stuff-pixelmaps (COCO 2017's maps of "
            "stuff alone, 1.1 GB), narratives (Localized Narratives of COCO with traces, 4 GB), "
            "val-photos (0.8 GB), train-photos (18 GB). The checksums of the COCO archives are "
            "known; of the other files the first download's SHA-256 is recorded and checked from "
            "then on."
        ),
        epilog="example: trecs data download --out coco --groups annotations stuff val-photos",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument(
        "--groups",
        nargs="+",
        metavar="GROUP",
        help="what to download (default: all but stuff-pixelmaps and train-photos)",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="a mirror that has all files in one place"
    )
    parser.set_defaults(run=download)


def _add_prepare(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "prepare",
        help="bring downloaded COCO files into the layout that `trecs train NAME --data` reads",
        description=(
            "Reads annotations/instances_*2017.json, the photos {train,val}2017/, the maps "
            "stuffthingmaps/{train,val}2017/ or annotations/stuff_*2017_pixelmaps/, and, where "
            "they are there, annotations/captions_*2017.json and "
            "coco_*_localized_narratives*.jsonl. Writes photos, label maps, instance maps, "
            "annotations, captions, and narratives both with their traces and with a label for "
            "each word (the most frequent one in the hull of its trace, refined by the words)."
        ),
        epilog="example: trecs data prepare coco --out data",
    )
    parser.add_argument("coco", type=Path, metavar="COCO_DIR", help="what `data download` made")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    arguments.add_hull_odds(parser)
    parser.add_argument(
        "--no-refinement", action="store_true", help="keep the labels of the hulls as they are"
    )
    parser.set_defaults(run=prepare)


def _add_info(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "info",
        help="what a data folder holds, set by set",
        description=(
            "Counts the photos with label maps (those held back from every training; maps that "
            "networks made, and how much of such a map is expected to be right on average), "
            "captions, narratives, polygons, and how many photos show each label. Reads every "
            "label map. Of the narratives, 'train' leaves out those of held-back photos, and "
            "'held' are those of the held-back photos of coco, from either file."
        ),
        epilog="example: trecs data info data",
    )
    parser.add_argument(
        "data", type=Path, nargs="?", metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.set_defaults(run=info)


def _add_compose(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "compose",
        help="canvases as the studio composes them, for the training of generators",
        description=(
            "Tells every training photo by its own labels, traced by the simulated annotator, and "
            "writes the canvas that is composed from that. Stopped, it goes on with the same "
            "command."
        ),
        epilog="example: trecs data compose --out composed && "
        "trecs train thumbnails --composed composed",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.set_defaults(run=compose)


def _add_latents(steps: Any) -> None:
    parser: argparse.ArgumentParser = steps.add_parser(
        "latents",
        help="the photos as an autoencoder's latents, for the training of generators",
        description=(
            "Encodes a square of every photo and, of those that are trained on, its mirror image "
            "(pass 1) and those of a random crop (pass 2). Writes the latents with labels, "
            "instances, regions and their colours in chunks: first the held-back photos, marked, "
            "then the others in a random order, so that a training may begin with the first ones. "
            "Stopped, it goes on with the same command. The autoencoder is TAEF2: "
            "taef2_encoder.pth and taef2_decoder.pth of the GitHub repository madebyollin/taesd."
        ),
        epilog="example: trecs data latents --data data --autoencoder taesd --out latents",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--autoencoder", type=Path, required=True, metavar="DIR", help="the folder of TAEF2's files"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument(
        "--passes",
        type=int,
        default=2,
        choices=(1, 2),
        help="1: two views of a photo that is trained on, 2: four (default: 2)",
    )
    parser.add_argument(
        "--processes",
        type=arguments.count,
        metavar="N",
        help="at work at the same time, each on one core (default: one for each core)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        choices=("auto", "cpu", "cuda"),
        help="what encodes: the processes (cpu), or a GPU what they cut out (cuda); auto takes a "
        "GPU where there is one (default: auto)",
    )
    parser.add_argument(
        "--limit", type=arguments.count, metavar="N", help="so many photos, drawn at random, alone"
    )
    parser.set_defaults(run=latents)


def download(args: argparse.Namespace) -> int:
    """Runs `trecs data download`."""
    from trecs.commands.output import check_folder
    from trecs.data import sources
    from trecs.data.download import DownloadError, fetch
    from trecs.data.unpack import unpack

    wanted = sources.chosen(args.groups or list(sources.DEFAULT_GROUPS), args.base_url)
    check_folder(args.out)
    try:
        for source in wanted:
            path = fetch(source, args.out)
            if source.unpack_to is not None:
                unpack(path, args.out / source.unpack_to)
    except DownloadError as error:
        print(f"trecs: {error}", file=sys.stderr)
        return 1
    print(args.out)
    return 0


def prepare(args: argparse.Namespace) -> None:
    """Runs `trecs data prepare`."""
    from trecs.commands.output import check_folder
    from trecs.data.prepare import prepare as run
    from trecs.data.refinement import RefinerConfig

    check_folder(args.out)
    refinement = None if args.no_refinement else RefinerConfig(hull_odds=args.hull_odds)
    counts = run(args.coco, args.out, refinement)
    left_out = [
        f"{number:,} {what}"
        for number, what in (
            (counts.without_photo, "images without their photo"),
            (counts.without_stuff, "photos without a stuff map"),
            (counts.unusable_narratives, "unusable narratives"),
        )
        if number
    ]
    print(
        f"{args.out}: {counts.photos:,} photos, {counts.narratives:,} narratives"
        + (f"; left out: {', '.join(left_out)}" if left_out else "")
    )


def info(args: argparse.Namespace) -> None:
    """Runs `trecs data info`."""
    from trecs.data.contents import contents_of
    from trecs.data.dataset import Dataset, data_folder

    folder = data_folder(args.data)
    contents = contents_of(Dataset(folder))
    told = ", ".join(f"{count:,} {split}" for split, count in contents.narratives.items())
    print(f"data folder  {folder}\nnarratives   {told}")
    if contents.sets:
        for table in (_photos(contents), _annotations(contents), _labels(contents)):
            print(f"\n{table}")


def compose(args: argparse.Namespace) -> None:
    """Runs `trecs data compose`."""
    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.pipeline import TReCS
    from trecs.synthesis.composing import compose_photos

    check_folder(args.out)
    dataset = Dataset(data_folder(args.data))
    count = compose_photos(TReCS.from_pretrained().canvas, dataset, args.out)
    print(f"{args.out}: {count:,} canvases")


def latents(args: argparse.Namespace) -> None:
    """Runs `trecs data latents`."""
    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.synthesis.painter.autoencoder import Autoencoder
    from trecs.synthesis.painter.latent_making import make_latents

    check_folder(args.out)
    device = _gpu(args.device)
    made = make_latents(
        Dataset(data_folder(args.data)),
        Autoencoder.load(args.autoencoder),
        args.out,
        passes=args.passes,
        processes=args.processes or os.cpu_count() or 1,
        device=device,
        limit=args.limit,
    )
    print(f"{args.out}: {made.views:,} views of {made.photos:,} photos")


def _gpu(wanted: str) -> str | None:
    """The GPU that is wanted, None for none; raises InputError where there is none."""
    from trecs.device import best_device

    there = best_device() == "cuda"
    if wanted == "cuda" and not there:
        from files.errors import InputError

        raise InputError("PyTorch finds no GPU for --device cuda; give --device cpu.")
    return "cuda" if there and wanted != "cpu" else None


def _photos(contents: "Contents") -> str:
    heads = ("photos", "all", "held back", "trained on",
             "maps by people", "machine-made", "expected right")  # fmt: skip
    rows = [
        (s.name, s.photos, s.held_back, s.photos - s.held_back, s.photos - s.machine_made,
         s.machine_made, "-" if s.accuracy is None else _percent(s.accuracy))
        for s in (*contents.sets, contents.total)
    ]  # fmt: skip
    return _table(heads, rows)


def _annotations(contents: "Contents") -> str:
    heads = ("of these photos", "captions", "narratives",
             "with polygons of all things", "of people only", "people")  # fmt: skip
    rows = [
        (s.name, s.captions, s.narratives, s.all_things, s.people_only, s.people)
        for s in (*contents.sets, contents.total)
    ]
    return _table(heads, rows)


def _labels(contents: "Contents") -> str:
    from segmentation.labels import COUNT, NAMES

    heads = (f"labels ({len(contents.labels)} of {COUNT} occur)",
             "photos that show it", "of the labelled pixels")  # fmt: skip
    rows = [
        (NAMES[found.label], found.photos, _percent(found.share))
        for found in contents.labels[:SHOWN_LABELS]
    ]
    return _table(heads, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Aligned columns, names to the left and numbers to the right."""
    cells = [heads, *([c if isinstance(c, str) else f"{c:,}" for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in cells
    ]
    return "\n".join(lines)
