"""What `benchmarks.crash` interrupts: each writer of the studio, at a size that takes a moment.

A job is `begin` (what it reads, made once), `work` (goes on where it was stopped; some never end)
and `check` of what lies in its folder, which raises where something is not whole.
"""

import json
from pathlib import Path

import numpy as np
import torch

from files.pictures import open_picture
from files.weights import load_tensors


def assert_whole(folder: Path) -> int:
    """Opens every file that can be seen in a folder; how many there are."""
    seen = 0
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.is_dir():
            continue
        seen += 1
        if path.suffix in (".png", ".jpg"):
            open_picture(path)
        elif path.suffix == ".json":
            json.loads(path.read_text("utf-8"))
        elif path.suffix == ".npy":
            np.load(path, mmap_mode="r")
        elif path.suffix == ".pt":
            torch.load(path, weights_only=True)
        elif path.suffix == ".safetensors":
            load_tensors(path.parent)
    return seen


class Job:
    """One writer. `ends`: whether its work comes to an end, after which `finished` compares it."""

    ends = True

    def begin(self, source: Path) -> None:
        """Makes what is read."""

    def serve(self) -> None:
        """Starts what must live beside all attempts, as a child of the process that calls."""

    def work(self, source: Path, out: Path) -> None:
        """Writes, going on where it was stopped."""
        raise NotImplementedError

    def check(self, out: Path) -> None:
        """What must hold at any moment, besides that every file is whole."""

    def finished(self, source: Path, out: Path) -> None:
        """What must hold when the work was done, interrupted or not."""
