"""Arguments that several commands share, and the checks of their values."""

import argparse
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from files.paths import expanded
from files.weights import BUNDLED

if TYPE_CHECKING:
    from trecs.evaluation.run_folder import Shard
    from trecs.synthesis.diffusion.settings import DiffusionSettings

MAX_SEED = 2**32 - 1


def path_or_name(text: str) -> str:
    """A name, or a path, which may begin with ~ as all others."""
    return str(expanded(text)) if text.startswith("~") else text


def seed(text: str) -> int:
    """A seed from 0 to MAX_SEED."""
    return _whole(text, 0, MAX_SEED)


def size(text: str) -> int:
    """The side of a picture in pixels."""
    return _whole(text, 64, 1024)


def count(text: str) -> int:
    """A number of steps, scenes or pixels, at least 1."""
    return _whole(text, 1, 2**31 - 1)


def shard(text: str) -> "Shard":
    """A part of the work such as 2/8."""
    from trecs.evaluation.run_folder import Shard

    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(
            f"'{text[:40]}' is no part I/N of the work, such as 1/4 to 4/4"
        )
    return Shard(int(match[1]) - 1, int(match[2]))


def minutes(text: str) -> float:
    """A positive, finite number of minutes."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a positive number of minutes")
    return value


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Adds `--seed`."""
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="the same seed gives the same picture (default: 0)",
    )


def add_strict(parser: argparse.ArgumentParser) -> None:
    """Adds `--strict`."""
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse files with something that cannot be used, in place of leaving it out",
    )


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Adds `--checkpoint`."""
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=BUNDLED,
        metavar="DIR",
        help="the folder of trained models, or a Hugging Face repository, user/repo (default: the "
        "folder that comes with the studio)",
    )


def add_generator(parser: argparse.ArgumentParser) -> None:
    """Adds `--generator` and, for collages, `--autoencoder`."""
    parser.add_argument(
        "--generator",
        type=path_or_name,
        metavar="NAME",
        help="another generator: its folder in the checkpoints, what `trecs weights import` "
        "brought in (spade), or a folder's path; collage pastes the photos of a --library that has "
        "some, else of your own; diffusers paints with a large pipeline of that library",
    )
    parser.add_argument(
        "--autoencoder",
        type=Path,
        metavar="DIR",
        help="TAEF2's two files (GitHub, madebyollin/taesd): with them the painter paints over "
        "collages",
    )


def add_page(parser: argparse._ActionsContainer, port: int) -> None:
    """Adds what a page takes, `--host`, `--port` and `--texts`, also to a group."""
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--port", type=count, default=port, help=f"default: {port}")
    add_texts(parser)


def add_texts(parser: argparse._ActionsContainer) -> None:
    """Adds `--texts`."""
    parser.add_argument(
        "--texts",
        type=Path,
        metavar="FILE",
        help="the page's texts in another language: a file of the keys of "
        "trecs/interface/texts.toml (default: English)",
    )


def add_diffusion(parser: argparse.ArgumentParser) -> None:
    """Adds what `--generator diffusers` takes."""
    group = parser.add_argument_group("with --generator diffusers")
    group.add_argument(
        "--model",
        type=path_or_name,
        metavar="NAME",
        help="a folder that diffusers saved, or a Hugging Face repository (default: Stable "
        "Diffusion 1.5)",
    )
    group.add_argument(
        "--controlnet",
        type=path_or_name,
        metavar="NAME",
        help="its ControlNet for ADE20K's colours, likewise (default: control_v11p_sd15_seg)",
    )
    group.add_argument("--steps", type=count, metavar="N", help="steps a picture (default: 30)")
    group.add_argument(
        "--guidance", type=float, metavar="X", help="how far the words count (default: 7.5)"
    )
    group.add_argument(
        "--strength",
        type=float,
        metavar="X",
        help="begin with our own painter's picture and give up so much of it, above 0 to 1 "
        "(default: begin with noise; 0.8 where colours are told)",
    )


def diffusion_settings(args: argparse.Namespace) -> "DiffusionSettings":
    """What `add_diffusion`'s arguments say; raises InputError for numbers that paint nothing."""
    from trecs.synthesis.diffusion.settings import DiffusionSettings

    names = ("model", "controlnet", "steps", "guidance", "strength")
    given = {name: getattr(args, name) for name in names}
    return DiffusionSettings(**{name: one for name, one in given.items() if one is not None})


def add_run(parser: argparse.ArgumentParser, name: str) -> None:
    """Adds what every training takes: `--data`, `--out`, `--tiny` and `--seed`."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs") / name,
        metavar="DIR",
        help=f"the folder of the run and its model (default: runs/{name})",
    )
    parser.add_argument("--tiny", action="store_true", help="a tiny model, to try the command")
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="the same seed and settings give the same weights (default: 0)",
    )


def add_steps(
    parser: argparse.ArgumentParser, usual: int | str, meaning: str = "steps in all"
) -> None:
    """Adds what a training in steps takes: `--steps`, of which it `usual`ly does so many."""
    parser.add_argument("--steps", type=count, metavar="N", help=f"{meaning} (default: {usual})")
    parser.add_argument(
        "--minutes",
        type=minutes,
        metavar="M",
        help="stop after so long, to go on another time",
    )


def add_composed(parser: argparse.ArgumentParser) -> None:
    """Adds `--composed`."""
    parser.add_argument(
        "--composed",
        type=Path,
        metavar="DIR",
        help="the canvases that `trecs data compose` made, to be drawn beside the photos' own",
    )


def add_precision(parser: argparse.ArgumentParser) -> None:
    """Adds `--precision`, in Fabric's names."""
    parser.add_argument(
        "--precision",
        default="32-true",
        choices=("32-true", "bf16-mixed", "16-mixed"),
        help="of the computation (default: 32-true)",
    )


def hull_odds(text: str) -> float:
    """Odds of at least 1, finite."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a number of at least 1")
    return value


def add_hull_odds(parser: argparse.ArgumentParser) -> None:
    """Adds `--hull-odds`, how far the refinement of labels trusts each word's own trace."""
    parser.add_argument(
        "--hull-odds",
        type=hull_odds,
        default=7.0,
        metavar="X",
        help="how far a word's own trace counts when its label is refined; 1 is the paper's "
        "formula, where it counts in the statistics alone (default: 7)",
    )


def _whole(text: str, least: int, most: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(
            f"'{text[:40]}' is not a whole number from {least} to {most}"
        )
    return value


def add_speech(parser: argparse.ArgumentParser) -> None:
    """Adds `--speech`."""
    from trecs.speech import MODEL

    parser.add_argument(
        "--speech",
        type=path_or_name,
        default=MODEL,
        metavar="MODEL",
        help="Whisper network that recognises speech: a folder, or a name whose weights the "
        f"Hugging Face Hub has (default: {MODEL})",
    )
