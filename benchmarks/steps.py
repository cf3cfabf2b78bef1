"""How far few steps lead from what the painter's first stage would draw in very many.

    python -m benchmarks.steps [--checkpoint DIR] [--scenes 48] [--data DIR]

Thumbnails of held-back canvases, each by its own noise. `spread`: the standard deviation of all
pixels, as in [-1, 1]. `detail`: that of what 2x2 pixels differ by from their mean. `apart`: the
root of the mean squared difference from the thumbnails that 128 of Euler's steps draw of the same
noise. All without guidance, but for the row that says so; the last rows are of the stage that was
distilled from the flow, where it stands beside. The photos are measured beside them; nothing is
chosen by what they show.
"""

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import Dataset, data_folder
from trecs.data.scenes import held_back_photos, load_scenes, spaced
from trecs.synthesis.painter.batches import small
from trecs.synthesis.painter.distilled import load_drawing
from trecs.synthesis.painter.flow import moments_of
from trecs.synthesis.painter.thumbnails import TIMES, ThumbnailStage
from trecs.synthesis.painter.told import POINTS, SIDE, Told

MANY = 128
EULERS = (4, 8, 16)
COUNTS = (2, 3, 4, 8)
POWERS = (1.0, 1.25, 1.4, 2.0)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "painter" / "thumbnails")
    parser.add_argument("--scenes", type=int, default=24, metavar="N")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    try:
        photos = held_back_photos(Dataset(data_folder(args.data)))
        scenes = load_scenes(Dataset(data_folder(args.data)), spaced(photos, args.scenes), POINTS)
        flow, distilled = load_drawing(args.checkpoint)
    except InputError as error:
        sys.exit(str(error))
    stage = flow.eval().requires_grad_(False)
    told = Told.of_canvases(*(scene.canvas for scene in scenes))
    noise = torch.randn(len(scenes), 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    bundled = stage.draw(told, noise)
    guidance, stage.config = stage.config.guidance, replace(stage.config, guidance=1.0)
    draw = partial(stage.finish, told, noise)
    many = by_euler(stage, told, noise, MANY)
    rows = {
        "the photos": small(np.stack([scene.photo for scene in scenes])),
        f"Euler, {MANY} steps": many,
        **{f"Euler, {count}": by_euler(stage, told, noise, count) for count in EULERS},
        **{
            title_of(count, power): draw(moments_of(count, power))
            for power in POWERS
            for count in COUNTS
        },
        f"DEIS, as bundled, guidance {guidance}": bundled,
    }
    if distilled is not flow:
        distilled.eval().requires_grad_(False)
        steps = len(distilled.config.times) - 1
        rows["distilled, 1"] = distilled.finish(told, noise, (0.0, 1.0))
        rows[f"**distilled, {steps}, as bundled**"] = distilled.draw(told, noise)
    print(f"{len(scenes)} canvases\n\n| steps | spread | detail | apart |\n|---|---|---|---|")
    for title, drawn in rows.items():
        apart = "" if title == "the photos" else f"{(drawn - many).square().mean().sqrt():.3f}"
        print(f"| {title} | {drawn.std():.3f} | {detail(drawn):.3f} | {apart} |")


def title_of(count: int, power: float) -> str:
    """The name of a way."""
    ours = ", as bundled" if moments_of(count, power) == TIMES else ""
    return f"DEIS, {count}, power {power}{ours}"


def by_euler(stage: ThumbnailStage, told: Told, noise: Tensor, steps: int) -> Tensor:
    """Thumbnails by steps each of which goes towards an end that stays as it is."""
    state, canvas = noise, stage.reader(told)
    for step in range(steps):
        moments = state.new_full((len(state), 1), step / steps)
        state = state + (stage.network(state, moments, canvas) - state) / (steps - step)
    return state.clamp(-1, 1)


def detail(pictures: Tensor) -> Tensor:
    """The spread of what single pixels add to blocks of four."""
    blocks = functional.interpolate(functional.avg_pool2d(pictures, 2), scale_factor=2)
    return (pictures - blocks).std()


if __name__ == "__main__":
    main()
