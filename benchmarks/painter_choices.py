"""The painter's second stage in other sizes: held-back loss at equal time of the processors.

    python -m benchmarks.painter_choices --composed DIR --latents DIR [--minutes 20] [--out DIR]

Each variant is trained for so many minutes of processor time by the command's own training, all
with the same seed and the same latents (those that are there at first), and measured on held-back
photos with its averaged weights, at the start and at the end. A variant that has its minutes is
not trained again, so that the table can be printed at any time; `--only` trains some. The run of
the one that is chosen may go on under `trecs train painter`: copy its folder.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from files.errors import InputError
from trecs.data.dataset import Dataset, data_folder
from trecs.synthesis.painter.latent_training import LatentStageTraining, train_latents
from trecs.synthesis.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.synthesis.painter.measure import TIMES
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.painter.unet import UNetConfig

BASE = UNetConfig((64, 128, 192), dropout=0.0)
LATENTS = {
    "widths 48, 96, 144; windows": (BASE.varied(widths=(48, 96, 144)), 16),
    "widths 64, 128, 192; windows": (BASE, 16),
    "widths 96, 192, 288; windows": (BASE.varied(widths=(96, 192, 288)), 16),
    "widths 64, 128, 192; whole": (BASE, 32),
    "widths 64, 128, 192; windows; depthwise": (BASE.varied(mixing="depthwise"), 16),
    "widths 96, 192, 288; windows; depthwise": (
        BASE.varied(widths=(96, 192, 288), mixing="depthwise"),
        16,
    ),
}


def main() -> None:
    """Trains what has not had its minutes and prints the table."""
    args = arguments()
    names = list(LATENTS)
    try:
        for number, name in enumerate(names):
            folder = args.out / f"latents-{number}"
            if args.only is None or number in args.only:
                train(args, name, folder)
                if not finished(folder, args.minutes):  # it was told to stop
                    break
    except InputError as error:
        sys.exit(str(error))
    print(table(args, names))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=20, metavar="M", help="processor time")
    parser.add_argument("--only", type=int, nargs="*", metavar="N", help="variants, from 0")
    parser.add_argument("--out", type=Path, default=Path("runs/choices"), metavar="DIR")
    parser.add_argument("--composed", type=Path, metavar="DIR", help="of `trecs data compose`")
    parser.add_argument(
        "--latents", type=Path, required=True, metavar="DIR", help="of `trecs data latents`"
    )
    parser.add_argument("--data", type=Path, metavar="DIR")
    return parser.parse_args()


def train(args: argparse.Namespace, name: str, folder: Path) -> None:
    """Gives a variant its minutes, or what it lacks of them."""
    if finished(folder, args.minutes):
        return
    dataset = Dataset(data_folder(args.data))
    network, window = LATENTS[name]
    training = replace(
        LatentStageTraining(), stage=LatentStageConfig(network=network), window=window
    )
    train_latents(
        training, dataset, folder, latents=snapshot(args), composed=args.composed,
        cpu_minutes=args.minutes,
    )  # fmt: skip


def snapshot(args: argparse.Namespace) -> Path:
    """A folder with what latents there were when the first variant was begun."""
    folder: Path = args.out / "latents"
    if not folder.exists():
        folder.mkdir(parents=True)
        for path in args.latents.absolute().glob("[pv]*"):  # the plan and the whole chunks
            (folder / path.name).symlink_to(path)
    return folder


def table(args: argparse.Namespace, names: list[str]) -> str:
    """What is known of the variants so far, as Markdown."""
    heads = ["variant", "parameters", "GMAC", "minutes", "pictures seen", "held-back loss",
             *(f"t = {time}" for time in TIMES)]  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for number, name in enumerate(names):
        state = state_of(args.out / f"latents-{number}")
        if state is None:
            continue
        parameters, macs = size_of(name)
        for point in (state["curve"][0], state["curve"][-1]):
            cells = [
                name,
                f"{parameters / 1e6:.1f} M",
                f"{macs / 1e9:.2f}",
                f"{point['cpu_minutes']:.1f}",
                f"{point['pictures']:,}",
                f"**{point['held_back']:.4f}**",
                *(f"{loss:.4f}" for loss in point["by_time"]),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def finished(folder: Path, minutes: float) -> bool:
    """Whether a variant has had its minutes."""
    state = state_of(folder)
    return state is not None and state["cpu_minutes"] >= minutes


def state_of(folder: Path) -> dict[str, Any] | None:
    path = folder / "state.pt"
    return torch.load(path, weights_only=True) if path.is_file() else None


def size_of(name: str) -> tuple[int, int]:
    """Parameters, and multiply-adds of one step of one whole picture."""
    grey = torch.zeros(1, POINTS, POINTS, dtype=torch.uint8)
    told, times = Told.of(grey, grey), torch.zeros(1)
    network = LatentStage(LatentStageConfig(network=LATENTS[name][0])).eval()
    latents, beside = torch.zeros(1, CHANNELS, SIDE, SIDE), torch.zeros(1, 3, SIDE, SIDE)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(latents, times, beside, times, told)
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2


if __name__ == "__main__":
    main()
