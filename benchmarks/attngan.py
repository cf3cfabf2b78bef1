"""AttnGAN of the official size beside the installed one, from a caption to pictures, on the CPU.

    python -m benchmarks.attngan [--threads 2] [--repeats 9]

The official networks (256x256, 27,297 words) have random weights: their time does not depend on
them. Both run in float32 in the same process, in turns, after a warm-up; medians are printed.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from files.errors import InputError
from files.weights import BUNDLED
from trecs.systems import registry
from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.model import AttnGan, AttnGanNetworks
from trecs.systems.interface import Home
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

SHORT = "a brown horse on the green grass under a blue sky"
LONG = " ".join([SHORT] * 6)  # more words than are used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    torch.manual_seed(0)
    models = {"official size": official()}
    try:
        (folder,) = registry.card("attngan").parts(Home(args.checkpoint))
        models["installed"] = AttnGan.load(folder)
    except InputError as error:
        print(f"The official size alone: {error}\n")
    times: dict[tuple[str, str], list[float]] = {}
    for turn in range(args.repeats + 1):
        for name, model in models.items():
            for caption in (SHORT, LONG):
                start = time.perf_counter()
                model.draw(caption, turn)
                if turn:
                    times.setdefault((name, caption), []).append(time.perf_counter() - start)

    short, long = len(SHORT.split()), AttnGanConfig.official().words
    print(f"| AttnGAN | parameters | picture | {short} words | {long} words |")
    print("|---|---|---|---|---|")
    for name, model in models.items():
        size = sum(p.numel() for p in model.networks.parameters()) / 1e6
        side = len(model.draw(SHORT).picture)
        cells = (f"{statistics.median(times[name, text]) * 1000:.0f} ms" for text in (SHORT, LONG))
        print(f"| {name} | {size:.2f} M | {side} px | {' | '.join(cells)} |")


def official() -> AttnGan:
    """The released COCO networks' size, with random weights and words that count to it."""
    config = AttnGanConfig.official()
    known = sorted(set(SHORT.split()))
    others = (f"word{i}" for i in range(config.vocabulary - 1 - len(known)))
    return AttnGan(AttnGanNetworks(config), CaptionVocabulary((END, *known, *others)))


if __name__ == "__main__":
    main()
