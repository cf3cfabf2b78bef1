"""How the painter's runs went: held-back loss by pictures seen, by time and by label.

    python -m benchmarks.painter_curve runs/painter/thumbnails runs/painter/latents [--points 10]

Of each run evenly spaced points of its curve, the first and the last among them, then the losses of
the labels that cover most of the held-back photos. All are of the averaged weights, on the photos
that `trecs train painter` measures; it wrote them into the run's state.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import torch

from trecs.synthesis.painter.measure import TIMES


def main() -> None:
    """Prints both tables of each run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--points", type=int, default=10, metavar="N")
    args = parser.parse_args()
    for run in args.runs:
        if not (run / "state.pt").is_file():
            sys.exit(
                f"No run in '{run}': state.pt is missing; expected one of `trecs train painter`."
            )
        state = torch.load(run / "state.pt", weights_only=True)
        print(f"{run.name}:\n\n{curve_table(state['curve'], args.points)}\n")
        print(f"{label_table(state['curve'])}\n")


def curve_table(curve: list[dict[str, Any]], points: int) -> str:
    """So many points of a curve, as Markdown."""
    heads = ["pictures seen", "processor hours", "held-back loss",
             *(f"t = {time}" for time in TIMES)]  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    last = len(curve) - 1
    for i in sorted({round(last * k / max(points - 1, 1)) for k in range(points)}):
        point = curve[i]
        losses = (point["held_back"], *point["by_time"])
        cells = [f"{point['pictures']:,}", f"{point['cpu_minutes'] / 60:.2f}",
                 *(f"{loss:.4f}" for loss in losses)]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def label_table(curve: list[dict[str, Any]]) -> str:
    """The losses of the largest labels at the curve's ends, as Markdown."""
    first, last = curve[0]["by_label"], curve[-1]["by_label"]
    lines = ["| label | at first | now |", "|---|---|---|"]
    lines += [f"| {name} | {first[name]:.3f} | {last[name]:.3f} |" for name in last]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
