"""What the trainings of the painter's two stages share: flow matching of one network."""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.errors import InputError
from segmentation.labels import palette
from trecs.device import channels_last
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmed
from trecs.learning.run import Run
from trecs.synthesis.painter.latents import LatentStage
from trecs.synthesis.painter.measure import HeldBackLoss
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import POINTS, SIDE, Told

USUAL_BATCH = 16
"""Pictures of a step that the rates are meant for; larger batches learn faster, by the root."""

FASTEST = 2.0  # times the rate, however large the batch
RIPE_WHEN_STARTED = 2000  # see `ripe`, of a run that begins with trained weights
SHOWN = 6  # held-back pictures of the sheet that every save draws


@dataclass(frozen=True)
class StageTraining:
    """The numbers that both stages' trainings have; the defaults run on a CPU."""

    steps: int = 1_000_000
    batch: int = USUAL_BATCH  # pictures
    rate: float = 3e-4  # AdamW's, warmed up, then constant: a run may always go on
    warmup: int = 100
    decay: float = 0.01
    average: float = 0.999  # decay of the averaged weights, which are what is kept, at most:
    ripe: int = 0  # ... they reach back a ninth of the steps done, and of so many more
    clip: float = 1.0
    time_mean: float = 0.0  # of the normal numbers whose logistic function the times are
    time_deviation: float = 1.0
    measured: int = 96  # held-back photos that losses are measured on


Numbers = TypeVar("Numbers", bound=StageTraining)
Stage = TypeVar("Stage", ThumbnailStage, LatentStage)
BatchType = TypeVar("BatchType", bound="Part")


class Part(Protocol):
    """A batch of which a part can be taken."""

    def taken(self: BatchType, part: slice) -> BatchType:
        """The part."""
        ...


class StageRecipe(Recipe[BatchType]):
    """One stage learns by flow matching; its averaged weights are kept.

    `pictures`: whole pictures' worth of a step's samples.
    """

    averaged = "stage"

    def __init__(
        self,
        training: StageTraining,
        stage: ThumbnailStage | LatentStage,
        source: Any,
        *,
        pictures: float,
        compiled: bool,
    ) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, source
        self.average, self._ripe = training.average, training.ripe
        self._pictures, self._compiled = pictures, compiled
        rate = training.rate * min(math.sqrt(training.batch / USUAL_BATCH), FASTEST)
        self._stage = channels_last(stage)
        self._player = Player(
            stage,
            torch.optim.AdamW(stage.parameters(), rate, (0.9, 0.99), weight_decay=training.decay),
            lambda step: min(1.0, (step + 1) / training.warmup),
            training.clip,
        )
        self.players = {"stage": self._player}

    def begin(self) -> None:
        """Compiles the network where that was asked for."""
        if self._compiled:
            self._stage.network.compile(dynamic=False)

    def decay(self, step: int) -> float:
        """Less at first, unless the stage begins ripe."""
        return warmed(self.average, step + self._ripe)

    def turns(self, batch: BatchType, step: int) -> Iterator[Turn]:
        """Its only turn."""
        yield "stage", {"loss": self.loss(self.run.fabric.to_device(batch.taken(self.part)))}

    @abstractmethod
    def loss(self, batch: BatchType) -> Tensor:
        """The loss of a batch on the run's device, a scalar."""

    @abstractmethod
    def held_back_loss(self) -> HeldBackLoss:
        """That of the averaged stage on held-back photos."""

    def measure(self, done: int) -> Mapping[str, Any]:
        """Losses on held-back photos, by time and label, and how many pictures were learned."""
        measured = asdict(self.held_back_loss())
        loss = measured.pop("loss")
        return {"held_back": loss, "pictures": round(done * self._pictures), **measured}


def train_stage(
    make: Callable[[], Recipe[Any]],
    folder: Path,
    *,
    seed: int,
    minutes: float | None,
    cpu_minutes: float | None,
    precision: str,
) -> None:
    """Trains what `make` makes, saving every few minutes."""
    often = 2.0 if torch.cuda.is_available() else 5.0
    with Run(folder, seed=seed, minutes=minutes, cpu_minutes=cpu_minutes, save_minutes=often,
             precision=precision) as run:  # fmt: skip
        train(make(), run, seed=seed)


def taught(training: Numbers, stage: Stage, start: Stage) -> Numbers:
    """Gives a stage the weights of a trained one, and the numbers with an average that fits.

    The average then reaches back to them from the first step on. Raises InputError where the two
    are of different sizes.
    """
    if stage.config.network != start.config.network:
        raise InputError(
            f"The weights to begin with have other sizes ({start.config.network}) than those that "
            f"are trained ({stage.config.network}); leave --start out."
        )
    stage.load_state_dict(start.state_dict())
    return replace(training, ripe=max(training.ripe, RIPE_WHEN_STARTED))


def sheet_of(told: Told, columns: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Canvases and beside them columns of pictures (N, S, S, 3), scaled to 128 pixels."""
    coloured = palette()[np.minimum(told.labels.cpu().numpy(), 255)]
    wide = [coloured, *(c.repeat(POINTS // SIDE, 1).repeat(POINTS // SIDE, 2)
                        if c.shape[1] == SIDE else c[:, ::2, ::2] for c in columns)]  # fmt: skip
    return np.concatenate([np.concatenate(list(c)) for c in wide], 1)
