"""`trecs evaluate`: draws narratives with several systems and measures the pictures."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from files.errors import InputError
from trecs.commands import arguments
from trecs.systems import registry

if TYPE_CHECKING:
    from trecs.evaluation.run_folder import Shard
    from trecs.evaluation.work import Work

FOLDER = Path("runs") / "evaluation"
DESCRIPTION = """\
Draws every narrative of a data folder with each system, then measures the pictures beside real
photos. Written are pictures/, labels/, journals of what was drawn and what failed, and then
results.json, table.md and sheet.jpg. Stopped at any moment, even killed, the same command goes on
and draws nothing twice; what could not be drawn is logged and passed over.

The data folder is what `trecs data prepare` writes; narratives without traces get simulated ones.
Systems: {systems}.
The first row is always real photos, one half measured against the other.

Several machines: give each a --shard of one folder, or of folders of their own whose files you
copy together; then --measure-only. With several GPUs, each gets a worker.

Detectors, segmenters and encoders are given as module:function;
`trecs.evaluation.instruments.plugins` says what these functions take and return.
"""
EXAMPLE = "example: trecs evaluate --data data --out evaluation --generations 30000"


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate",
        help="draw narratives with several systems and measure the pictures, or ask people",
        description=DESCRIPTION.format(systems=_systems()),
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: $TRECS_DATA")
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"default: {FOLDER}")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a couple of dozen small pictures of made-up data, to try the command",
    )
    arguments.add_checkpoint(parser)
    arguments.add_generator(parser)
    arguments.add_diffusion(parser)
    _add_drawing(parser)
    _add_measuring(parser)
    study = parser.add_argument_group("asking people")
    study.add_argument(
        "--study",
        type=Path,
        metavar="DIR",
        help="open a page that shows pairs of an evaluation's pictures, blind and in random order, "
        "and asks which is more realistic and which fits the text; answers go to "
        "DIR/study.sqlite",
    )
    study.add_argument("--report", action="store_true", help="print the win rates and end")
    study.add_argument("--pairs", type=arguments.count, default=40, metavar="N",
                       help="pairs that each participant sees (default: 40)")  # fmt: skip
    arguments.add_page(study, port=7861)
    parser.set_defaults(run=run)


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("drawing")
    group.add_argument(
        "--systems", metavar="A,B", help="default: all, which is all that the data allows"
    )
    group.add_argument(
        "--limit", type=arguments.count, metavar="N", help="the first N narratives alone"
    )
    many = group.add_mutually_exclusive_group()
    many.add_argument(
        "--seeds",
        type=arguments.count,
        default=1,
        metavar="N",
        help="pictures of each narrative, each with a seed that its name gives (default: 1)",
    )
    many.add_argument(
        "--generations",
        type=arguments.count,
        metavar="N",
        help="pictures of each system in all: every narrative once, then again, ... "
        "(LN-COCO: 30000)",
    )
    group.add_argument(
        "--size", type=arguments.size, metavar="PIXELS", help="default: 256; with --quick 128"
    )
    group.add_argument(
        "--shard",
        type=arguments.shard,
        metavar="I/N",
        help="draw the I-th of N parts and do not measure",
    )
    group.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where the drawing runs; ray: as tasks on a Ray cluster whose machines share the "
        "folders",
    )
    group.add_argument(
        "--workers",
        type=arguments.count,
        metavar="N",
        help="processes (default: one a GPU, else one; with Ray one a CPU of the cluster)",
    )
    group.add_argument("--retry", action="store_true", help="try what failed before again")
    group.add_argument("--library", type=Path, metavar="DIR", help="a scene library")


def _add_measuring(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("measuring")
    group.add_argument(
        "--measure-only",
        action="store_true",
        help="draw nothing; measure of what was asked last what is there",
    )
    group.add_argument(
        "--inception",
        type=Path,
        metavar="FILE",
        help="weights of Inception-v3 (weights-inception-2015-12-05-6726825d.pth) for FID and IS; "
        "without, EfficientNet-lite2 looks, and the columns are EffLite2-FID and EffLite2-IS",
    )
    for name, what in (
        (
            "damsm",
            "the encoder of texts and pictures that training used, for R-precision; also a "
            "folder that `trecs train damsm` wrote (default: the checkpoint's)",
        ),
        (
            "encoder",
            "an independent one, for R-precision and visual-semantic similarity; also a folder "
            "that `trecs train matcher` wrote, or a CLIP's (default: the bundled matcher)",
        ),
        (
            "detector",
            "finds things, for Semantic Object Accuracy; also a folder that `trecs train "
            "segmenter` wrote (default: the bundled one)",
        ),
        (
            "segmenter",
            "labels pixels, for mean IoU and accuracy of re-segmentation; also such a folder "
            "(default: the bundled one)",
        ),
    ):
        group.add_argument(f"--{name}", type=arguments.path_or_name, metavar="M:F", help=what)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.report and args.study is None:
        raise InputError("--report prints the win rates of a study; name its folder with --study.")
    if args.study is not None:
        from trecs.interface import study, texts

        texts.speak(args.texts)
        return study.open_study(args.study, args.pairs, args.host, args.port, report=args.report)
    if args.quick and args.data is not None:
        raise InputError(
            "--quick makes its own data, so that --data has no meaning; leave one of them out."
        )
    if args.inception is not None and not args.inception.is_file():
        raise InputError(f"There is no file '{args.inception}'; expected weights of Inception-v3.")
    args.out = args.out or (FOLDER.with_name("evaluation-quick") if args.quick else FOLDER)
    if args.measure_only:
        measure(args)
        return 0
    from trecs.evaluation.run_folder import RunFolder, Shard

    work = _work(args)
    RunFolder(work.out).agree(work.settings())
    if (code := _draw(args, work, args.shard or Shard())) or args.shard:
        return code
    measure(args)
    return 0


def measure(args: argparse.Namespace) -> None:
    """Measures a folder, and writes and prints the results."""
    from files.weights import BUNDLED
    from trecs.data.dataset import Dataset, data_folder
    from trecs.evaluation.cases import cases_of
    from trecs.evaluation.drawing import Plan
    from trecs.evaluation.instruments.instruments import Instruments, Named
    from trecs.evaluation.measurement import Measurement
    from trecs.evaluation.report import Report, sheet
    from trecs.evaluation.run_folder import RunFolder
    from trecs.evaluation.systems import sizes
    from trecs.hub import checkpoint_folder
    from trecs.systems.interface import Home

    folder = RunFolder(args.out)
    settings = folder.settings()
    checkpoint = checkpoint_folder(args.checkpoint)
    instruments = Instruments.load(
        Named(
            args.inception,
            args.damsm,
            args.encoder,
            args.detector,
            args.segmenter,
            {
                "damsm": checkpoint / "damsm",
                "encoder": BUNDLED / "matcher",
                **dict.fromkeys(("detector", "segmenter"), BUNDLED / "segmenter"),
            },
        )
    )
    asked = settings.asked
    data = data_folder(args.data or Path(asked["data"]))
    cases = cases_of(Dataset(data))
    folder.check_cases(cases.fingerprint)
    measurement = Measurement(folder, cases, Plan(**asked["plan"]), asked["systems"], settings.size)
    home = Home(checkpoint, args.library, args.generator, data, autoencoder=args.autoencoder)
    parameters = sizes(asked["systems"], home)
    report = Report(
        measurement.measure(instruments),
        instruments,
        settings.size,
        cases.title,
        asked["note"],
        parameters,
    )
    report.write(args.out, sheet(measurement, asked["systems"]))
    print(f"{report.markdown()}\n{args.out}")


def _draw(args: argparse.Namespace, work: "Work", shard: "Shard") -> int:
    from trecs.evaluation.work import devices, draw_here, draw_on_ray

    if args.engine == "ray":
        return draw_on_ray(work, shard, args.workers)
    return draw_here(work, shard, args.workers or devices())


def _work(args: argparse.Namespace) -> "Work":
    """What is to be drawn; with --quick, the data are made first."""
    from dataclasses import replace

    from files.whole import written_whole
    from trecs.commands.output import check_folder
    from trecs.data.dataset import data_folder
    from trecs.evaluation import quick
    from trecs.evaluation.drawing import Plan
    from trecs.evaluation.systems import chosen
    from trecs.evaluation.work import Work
    from trecs.hub import checkpoint_folder

    check_folder(args.out)
    data = args.data
    if args.quick:
        data = args.out / "data"
        if not data.exists():
            with written_whole(data) as folder:
                quick.make(checkpoint_folder(args.checkpoint), folder)
    work = Work(
        data_folder(data).resolve(),
        args.out.resolve(),
        (),
        Plan(args.limit, args.seeds, args.generations),
        args.size or (quick.SIDE if args.quick else 256),
        args.checkpoint.resolve() if args.checkpoint.is_dir() else args.checkpoint,
        args.library and args.library.resolve(),
        args.generator,
        args.retry,
        quick.NOTE if args.quick else "",
        args.autoencoder and args.autoencoder.resolve(),
        arguments.diffusion_settings(args),
    )
    return replace(work, systems=chosen(args.systems, work.home()))


def _systems() -> str:
    """The systems' names and titles, in lines as long as those around them."""
    import textwrap

    told = [
        f"{name} ({card.title}{'; always among them' if card.control else ''})"
        for name, card in registry.cards().items()
    ]
    return textwrap.fill(", ".join(told), 98, initial_indent=" " * 9).lstrip()
