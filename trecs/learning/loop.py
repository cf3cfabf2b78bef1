"""The loop that all trainings share. What differs between them is a recipe.

A recipe says who learns (the *players*: a network each, with its optimizer), from what, and in
which `turns`. The loop does the rest, once for all: seeds, rates, steps, the averaged weights,
the log, saving and going on. It knows no loss.
"""

import copy
import io
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from files.whole import write_atomically
from trecs.learning.batches import Batches
from trecs.learning.optimization import move_average, settled, warmed
from trecs.learning.run import Run

Batch = TypeVar("Batch")
Turn = tuple[str, Mapping[str, Tensor]]
"""A player's name, and the terms whose sum it steps down, each with its weight."""


class Player:
    """A network that learns, and how it takes a step.

    Called, it computes as the run wants it (device, precision, processes); `network` is the bare
    one. `factor`: what the optimizer's rates are multiplied by at a step. `clip`: the largest norm
    of the whole gradient.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        factor: Callable[[int], float] = lambda step: 1.0,
        clip: float | None = None,
    ) -> None:
        self.network, self.optimizer = network, optimizer
        self._factor, self._clip = factor, clip
        self._rates = [group["lr"] for group in optimizer.param_groups]
        self._prepared: Callable[..., Any] = network

    @staticmethod
    def adversary(
        network: nn.Module,
        rate: float,
        steps: int,
        settling: int,
        betas: tuple[float, float] = (0.0, 0.99),
    ) -> "Player":
        """One of two that chase each other: slower in the last steps, see `settled`.

        Adam without momentum, as in OASIS (Schönfeld et al., ICLR 2021), if `betas` are not told.
        """
        optimizer = torch.optim.Adam(network.parameters(), rate, betas)
        return Player(network, optimizer, lambda step: settled(step, steps, settling))

    def __call__(self, *arguments: Any) -> Any:
        """The network's answer."""
        return self._prepared(*arguments)

    def prepare(self, run: Run) -> None:
        """Moves network and optimizer to the run's device."""
        self._prepared, self.optimizer = run.setup(self.network, self.optimizer)

    def set_rates(self, step: int) -> None:
        """Gives the optimizer the rates of a step."""
        for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._factor(step)

    def step(self, run: Run, losses: Mapping[str, Tensor]) -> None:
        """One step down the sum of the losses."""
        run.step(reduce(add, losses.values()), self.optimizer, clip=self._clip)


class Recipe(ABC, Generic[Batch]):
    """What is trained, and how.

    `steps`, `batch`: how many, and of how many examples on all processes together. `source`: the
    batches. `players`: who learns, by names that stand in the saved state. `averaged`: whose
    weights are averaged over the steps; the average is what is kept then. `least`: examples that a
    process needs in its share. `log_every`: steps. `one_of_many`: trainings of which that one is
    complete goes without saying.

    It is made when the run has begun, which seeds the first weights.

    The loop sets, before the first step: `run`; `part`, this process's share of a batch; and
    `kept`, the network that is measured and exported, in eval mode where it is an average.
    """

    steps: int
    batch: int
    source: Batches[Batch]
    players: Mapping[str, Player]
    averaged: str | None = None
    average: float = 0.999
    least: int = 1
    log_every: int = 50
    one_of_many: bool = False

    run: Run
    part: slice
    kept: nn.Module

    @abstractmethod
    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Who steps down which losses on a batch, one after another.

        The generator is resumed when the step is taken, so that turns may share what they
        compute. Torch's random numbers are those of the seed and the step, alike on all
        processes: who draws, draws for the whole batch and takes `part` of it.
        """

    @abstractmethod
    def export(self, folder: Path, done: int) -> None:
        """Writes the model that so many steps have made, on the process that writes."""

    def begin(self) -> None:
        """Moves what learns nothing to the run's device, once before the first step."""

    def decay(self, step: int) -> float:
        """How much of the averaged weights stays at a step: less at first."""
        return warmed(self.average, step)

    def measure(self, done: int) -> Mapping[str, Any]:
        """What is measured of `kept` before the first step and whenever the run is saved.

        Numbers and containers of them; the numbers come into the log, all into the saved curve.
        """
        return {}

    def sheet(self, done: int) -> NDArray[np.uint8] | None:
        """What `kept` draws, (H, W, 3) RGB, to be looked at: samples.png of the run's folder."""
        return None

    def settings(self) -> dict[str, Any]:
        """What a run that goes on must have in common with the one that was stopped."""
        return {}


def train(recipe: Recipe[Any], run: Run, *, seed: int) -> bool:
    """Trains in the run's folder, going on where it stopped; whether all steps are done.

    False, too, where the run was to end at the last of them. The same recipe and seed give the
    same weights, interrupted or not. What is saved is `state.pt`, the exported `model/`, and
    `samples.png` where the recipe draws. Raises InputError where the folder's state is damaged or
    another recipe's, or processes cannot share a batch.
    """
    networks = {name: player.network for name, player in recipe.players.items()}
    if recipe.averaged:
        learning = networks[recipe.averaged]
        recipe.kept = copy.deepcopy(learning).requires_grad_(False).eval()
        networks["averaged"] = recipe.kept
    elif len(networks) == 1:
        (recipe.kept,) = networks.values()
    optimizers = {f"{name} optimizer": player.optimizer for name, player in recipe.players.items()}

    done, curve = 0, list[dict[str, Any]]()
    if state := run.resume():
        run.check(state, recipe.settings())
        run.restore(state, **networks, **optimizers)
        done, curve, run.clock.spent_before = state["done"], state["curve"], state["cpu_minutes"]
    if done < recipe.steps or not recipe.one_of_many:
        run.announce(done, recipe.steps)
    for player in recipe.players.values():
        player.prepare(run)
    if recipe.averaged:
        recipe.kept.to(run.fabric.device)
    recipe.run, recipe.part = run, run.share(recipe.batch, recipe.least)
    recipe.begin()
    batches = run.batches(recipe.source, done, recipe.steps)

    def measure() -> None:
        if run.main and (measured := recipe.measure(done)):
            curve.append({"step": done, "cpu_minutes": run.clock.cpu_minutes, **measured})
            run.log(done, **{k: v for k, v in measured.items() if isinstance(v, float)})

    if not curve:
        measure()
    told = defaultdict[str, list[Tensor]](list)
    while done < recipe.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        for player in recipe.players.values():
            player.set_rates(done)
        for name, losses in recipe.turns(next(batches), done):
            recipe.players[name].step(run, losses)
            for term, loss in {**losses, **run.noted()}.items():
                told[term].append(loss.detach())
        if recipe.averaged:
            move_average(recipe.kept.state_dict(), learning.state_dict(), recipe.decay(done))
        done += 1

        if done % recipe.log_every == 0 or done == recipe.steps:
            run.log(done, **{term: torch.stack(of).mean().item() for term, of in told.items()})
            told.clear()
        if run.due() or done == recipe.steps:
            measure()
            # The state last: it says that the model of so many steps has been written
            if run.main:
                recipe.export(run.folder / "model", done)
                with torch.inference_mode():
                    _write(recipe.sheet(done), run.folder / "samples.png")
            run.save({**{name: network.state_dict() for name, network in networks.items()},
                      **{f"{name} optimizer": player.optimizer.state_dict()
                         for name, player in recipe.players.items()},
                      **recipe.settings(), "done": done, "curve": curve,
                      "cpu_minutes": run.clock.cpu_minutes})  # fmt: skip
    return done >= recipe.steps and not run.over


def _write(sheet: NDArray[np.uint8] | None, path: Path) -> None:
    if sheet is not None:
        buffer = io.BytesIO()
        Image.fromarray(sheet).save(buffer, "PNG")
        write_atomically(path, buffer.getvalue())
