"""The writers of the studio that `benchmarks.crash` interrupts."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.crash_job import Job
from benchmarks.crash_sources import Download, Prepare, write_coco
from files.pictures import open_picture
from files.weights import save_weights
from files.whole import written_whole
from retrieval.coco import build_library
from retrieval.library import SceneLibrary, write_embeddings
from segmentation.canvas import Canvas
from trecs.commands.draw import DRAWING
from trecs.evaluation.cases import Case
from trecs.evaluation.drawing import Plan, draw
from trecs.evaluation.run_folder import RunFolder, Shard
from trecs.learning.loop import Player, Recipe, Turn
from trecs.learning.loop import train as trained
from trecs.learning.run import Run
from trecs.narrative import Narrative, from_text
from trecs.result import Result
from trecs.systems.interface import Drawing, Home, System

SIDE = 64
STEPS, CASES, SCENES = 60, 60, (10, 15)


class Train(Job):
    """A training that saves at every step: state, model and log."""

    def work(self, source: Path, out: Path) -> None:
        """Trains to the last step."""
        with Run(out, seed=3, save_minutes=0.0) as run:
            trained(_TinyRecipe(), run, seed=3)

    def begin(self, source: Path) -> None:
        """Trains once without a stop, to compare with."""
        self.work(source, source / "undisturbed")

    def finished(self, source: Path, out: Path) -> None:
        """It has the weights of the one that was not stopped."""
        ours, theirs = (
            torch.load(folder / "state.pt", weights_only=True)
            for folder in (out, source / "undisturbed")
        )
        assert ours["done"] == STEPS
        for name, value in theirs["network"].items():
            assert torch.equal(ours["network"][name], value), name


class _TinyRecipe(Recipe[int]):
    steps, batch, source, log_every = STEPS, 4, range(STEPS), 10**6

    def __init__(self) -> None:
        self._network = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Linear(64, 8))
        self._player = Player(self._network, torch.optim.Adam(self._network.parameters(), 1e-2))
        self.players = {"network": self._player}

    def turns(self, batch: int, step: int) -> Iterator[Turn]:
        noise = torch.randn(self.batch, 8)
        yield "network", {"apart": (self._player(noise) - noise.flip(1)).square().mean()}

    def export(self, folder: Path, done: int) -> None:
        save_weights(folder, "tiny", _Step(done), self._network.state_dict())


@dataclass(frozen=True)
class _Step:
    done: int


class Library(Job):
    """A library that is built from COCO's annotations over the one before, again and again."""

    ends = False

    def begin(self, source: Path) -> None:
        """Two annotation files of as many scenes as in SCENES."""
        for number, count in enumerate(SCENES):
            write_coco(source / str(number), count)

    def work(self, source: Path, out: Path) -> None:
        """Builds one, then the other."""
        annotations = "annotations/instances_val2017.json"
        while True:
            for number in range(2):
                build_library(source / str(number) / annotations, out, embed=_embed)

    def check(self, out: Path) -> None:
        """It is one of the two, all of it, with embeddings."""
        if not (out / "library.json").exists():
            assert not out.exists()
            return
        library = SceneLibrary.open(out)
        assert library.scene_count in SCENES
        assert len(library.scene_names) == len(library.embeddings) == library.scene_count
        assert all(library.mask(i).bitmap.any() for i in range(library.mask_count))


def _embed(folder: Path) -> None:
    count = SceneLibrary.open(folder).scene_count
    write_embeddings(folder, np.ones((count, 8), np.float32), "none")


class Evaluate(Job):
    """Pictures and label maps of narratives, and the journal of what was drawn."""

    def work(self, source: Path, out: Path) -> None:
        """Draws what is not drawn."""
        draw(_Narratives(), {"painter": _Painter()}, Plan(), RunFolder(out), Shard())

    def check(self, out: Path) -> None:
        """What the journal has was drawn once, and its files are there."""
        run = RunFolder(out)
        keys = [drawn.key for drawn in run.drawn()]
        assert len(keys) == len(set(keys))
        assert all(run.picture(key).is_file() and run.labels(key).is_file() for key in keys)

    def finished(self, source: Path, out: Path) -> None:
        """All was drawn."""
        assert len(list(RunFolder(out).drawn())) == CASES


class _Narratives(list[Case]):
    title = fingerprint = "made up"

    def __init__(self) -> None:
        super().__init__(Case(f"{n:06}", from_text("a dog on the grass")) for n in range(CASES))


class _Painter(System):
    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        return ()

    @classmethod
    def load(cls, home: Home, device: str) -> "_Painter":
        return cls()

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        return Drawing(_picture(seed), _canvas(seed))


def _picture(seed: int) -> Any:
    return np.full((SIDE, SIDE, 3), seed % 256, np.uint8)


def _canvas(seed: int) -> Canvas:
    labels = np.full((SIDE, SIDE), seed % 150, np.uint8)
    return Canvas(labels, np.zeros_like(labels, np.int32))


class Draw(Job):
    """A drawing over the one before, again and again; every file tells which it is of."""

    ends = False

    def work(self, source: Path, out: Path) -> None:
        """Draws with one seed after another."""
        seed = time.monotonic_ns() % 2**31
        while True:
            seed += 1
            result = Result(
                from_text("a dog"),
                canvas=_canvas(seed % 150),
                image=_picture(seed % 150),
                seed=seed % 150,
                picture_seed=seed % 150,
            )
            with written_whole(out, DRAWING) as folder:
                result.save(folder)

    def check(self, out: Path) -> None:
        """No two files are of different drawings."""
        told = set()
        for name in ("image.png", "label_map.png"):
            if (out / name).exists():
                told.add(int(np.asarray(open_picture(out / name)).flat[0]))
        if (out / "result.json").exists():
            told.add(json.loads((out / "result.json").read_text())["seed"])
        assert len(told) <= 1, told


JOBS: dict[str, type[Job]] = {
    "train": Train,
    "library build": Library,
    "evaluate": Evaluate,
    "prepare": Prepare,
    "download": Download,
    "draw": Draw,
}
