"""A whole training of a second or less, as a program: what the tests of `Run` start and stop.

Two networks in turn, two forwards of the second a step and spectral norm: what adversarial
trainings do. With `--slow` it tells each step and sleeps.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import spectral_norm

from trecs.learning import loop
from trecs.learning.loop import Player, Recipe, Turn
from trecs.learning.run import Run


class TinyRecipe(Recipe[int]):
    """The judge tells what is made from what is real; the maker's pictures must be believed."""

    batch = 8

    def __init__(self, steps: int, slow: float) -> None:
        self.steps, self.source, self._slow = steps, range(steps), slow
        maker = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2))
        judge = nn.Sequential(spectral_norm(nn.Linear(2, 16)), nn.Tanh(), nn.Linear(16, 1))
        self._maker = Player(maker, torch.optim.Adam(maker.parameters(), 1e-2))
        self._judge = Player(judge, torch.optim.Adam(judge.parameters(), 1e-2), clip=0.5)
        self.players = {"maker": self._maker, "judge": self._judge}

    def turns(self, batch: int, step: int) -> Iterator[Turn]:
        """The judge's, then the maker's."""
        run, judge = self.run, self._judge
        noise, real = torch.randn(self.batch, 3)[self.part], torch.randn(self.batch, 2)[self.part]
        made = self._maker(noise)
        yield "judge", {"apart": judge(made.detach()).mean() - judge(real + 1).tanh().mean()}
        spread = run.gather(made).var(0).sum()  # of the whole batch
        yield "maker", {"spread": (spread - 2).square(), "believed": -judge(made).mean()}
        if self._slow:
            # In one piece, for two processes write to one file
            sys.stderr.write(f"rank {run.rank} pid {os.getpid()} step {step + 1}\n")
            time.sleep(self._slow)

    def export(self, folder: Path, done: int) -> None:
        """Nothing: the state has what is looked at."""


def train(folder: Path, steps: int, *, slow: float = 0.0, save_minutes: float = 3.0) -> None:
    """Trains both networks, going on where the folder's run stopped."""
    with Run(folder, seed=3, save_minutes=save_minutes) as run:
        loop.train(TinyRecipe(steps, slow), run, seed=3)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("steps", type=int)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--save-minutes", type=float, default=3.0)
    args = parser.parse_args()
    train(args.folder, args.steps, slow=args.slow, save_minutes=args.save_minutes)
