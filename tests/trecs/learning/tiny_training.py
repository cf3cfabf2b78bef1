"""A whole training of a second or less, as a program: what the tests of `Run` start and stop.

Two networks in turn, two forwards of the second a step and spectral norm: what adversarial
trainings do. With `--slow` it tells each step and sleeps.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import spectral_norm

from trecs.learning.run import Run

BATCH = 8


def train(folder: Path, steps: int, *, slow: float = 0.0, save_minutes: float = 3.0) -> None:
    """Trains both networks, going on where the folder's run stopped."""
    with Run(folder, seed=3, save_minutes=save_minutes) as run:
        maker = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2))
        judge = nn.Sequential(spectral_norm(nn.Linear(2, 16)), nn.Tanh(), nn.Linear(16, 1))
        makes = torch.optim.Adam(maker.parameters(), 1e-2)
        judges = torch.optim.Adam(judge.parameters(), 1e-2)
        parts = {"maker": maker, "judge": judge, "makes": makes, "judges": judges}
        step = 0
        if state := run.resume():
            run.restore(state, **parts)
            step = state["step"]
            run.announce(step, steps)
        made_by, makes = run.setup(maker, makes)
        judged_by, judges = run.setup(judge, judges)
        while step < steps and not run.over:
            torch.manual_seed(1000 + step)
            share = run.share(BATCH)
            noise, real = torch.randn(BATCH, 3)[share], torch.randn(BATCH, 2)[share] + 1
            made = made_by(noise)
            apart = judged_by(made.detach()).mean() - judged_by(real).tanh().mean()
            run.step(apart, judges, clip=0.5)
            spread = run.gather(made).var(0).sum()  # of the whole batch
            run.step((spread - 2).square() - judged_by(made).mean(), makes)
            step += 1
            if run.due():
                run.save(
                    {**{name: part.state_dict() for name, part in parts.items()}, "step": step}
                )
            if slow:
                print(f"rank {run.rank} pid {os.getpid()} step {step}", file=sys.stderr, flush=True)
                time.sleep(slow)
        run.save({**{name: part.state_dict() for name, part in parts.items()}, "step": step})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("steps", type=int)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--save-minutes", type=float, default=3.0)
    args = parser.parse_args()
    train(args.folder, args.steps, slow=args.slow, save_minutes=args.save_minutes)
