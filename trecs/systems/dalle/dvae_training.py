"""Trains DALL-E's discrete VAE on photos, before the transformer learns; then it is frozen."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from files.weights import halved, load_config, load_module, save_weights
from trecs.data.described import random_crops
from trecs.device import channels_last
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.systems.dalle.codes import begin_codes
from trecs.systems.dalle.config import SHRUNK, DvaeConfig
from trecs.systems.dalle.dvae import CHANNELS, Decoder, Encoder, mapped
from trecs.systems.dalle.losses import divergence, gumbel_softmax, logit_laplace_loss
from trecs.systems.parts.caption_system import pixels

KIND = "dalle-dvae"
SHOWN = 8  # photos of the sheet that every save draws
LOOKED = 40  # batches in which codes are found
VALUES = CHANNELS * SHRUNK**2  # of a picture that one token stands for


@dataclass(frozen=True)
class DvaeTraining:
    """The numbers of a training; the paper's stand beside."""

    steps: int = 800  # 3,000,000
    uncoded: int = 250  # the first, in which there are no codes, see `begin_codes` (none)
    batch: int = 16  # 512
    rate: float = 3e-3  # AdamW (1e-4, falling over 1,200,000 steps to 1.25e-6)
    faster: float = 3.0  # rate of blocks' paths, of which a small share is added, in others' (1)
    warmup: int = 50  # steps until the rate is whole; then it falls in a cosine (none)
    decay: float = 1e-4  # of weights (1e-4)
    average: float = 0.995  # decay of the averaged weights, which are what is kept (0.999)
    temperature: float = 1 / 16  # at the end; it falls from 1 in a cosine (1/16, after 150,000)
    divergence: float = 1.0  # beta, its weight at the end (6.6)
    rising: float = 0.2  # share of the steps with codes in which it rises to that (1/600)

    @staticmethod
    def tiny() -> "DvaeTraining":
        """The same path, small enough for tests."""
        return DvaeTraining(steps=3, uncoded=1, batch=2, warmup=1)


class Dvae(nn.Module):
    """Encoder and decoder."""

    def __init__(self, config: DvaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.decoder = Encoder(config), Decoder(config)

    def forward(self, pictures: Tensor, noise: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
        """Logits (B, K, H, W) of `mapped` pictures, and what relaxed samples of them give.

        Without a temperature, 0, there are no codes, and logits are decoded as they are.
        """
        logits = self.encoder(pictures)
        shares = gumbel_softmax(logits, noise, temperature) if temperature else logits
        return logits, self.decoder(shares)

    @staticmethod
    def read(folder: Path) -> "Dvae":
        """Reads what `save` wrote; raises InputError where it is missing or damaged."""
        config = load_config(folder, KIND, DvaeConfig)
        return load_module(folder, lambda: Dvae(config)).requires_grad_(False)

    def save(self, folder: Path) -> None:
        """Writes the folder that `read` reads, as 16-bit numbers."""
        save_weights(folder, KIND, self.config, halved(self.state_dict()))


class Crops:
    """Random views (B, 3, S, S) of photos: those of step n depend on the seed and n alone."""

    def __init__(self, squares: NDArray[np.uint8], *, side: int, batch: int, seed: int) -> None:
        self._squares, self._side, self._batch, self._seed = squares, side, batch, seed

    def __getitem__(self, step: int) -> Tensor:
        """Those of a step, of different photos."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self._squares), self._batch, replace=False)
        return random_crops(self._squares[chosen], self._side, rng)


class DvaeRecipe(Recipe[Tensor]):
    """Photos are told by relaxed codes, which become harder and harder."""

    averaged = "dvae"
    one_of_many = True
    kept: Dvae

    def __init__(self, training: DvaeTraining, config: DvaeConfig, crops: Crops) -> None:
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self.training, self.source = training, crops
        self.dvae = channels_last(Dvae(config))
        named = dict(self.dvae.named_parameters())
        paths = [name for name in named if "res_path" in name]
        groups: list[dict[str, Any]] = [
            {"params": [named[name] for name in named if name not in paths]},
            {"params": [named[name] for name in paths], "lr": training.rate * training.faster},
        ]
        optimizer = torch.optim.AdamW(groups, training.rate, weight_decay=training.decay)
        self._player = Player(
            self.dvae, optimizer, lambda step: warmup_cosine(step, self.steps, training.warmup)
        )
        self.players = {"dvae": self._player}

    def turns(self, batch: Tensor, step: int) -> Iterator[Turn]:
        """Its only turn."""
        if step == self.training.uncoded:
            self._begin_codes(step)
        training, side = self.training, batch.shape[-1] // SHRUNK
        noise = gumbel((self.batch, self.dvae.config.codes, side, side))
        photos, noise = self.run.fabric.to_device((batch[self.part], noise[self.part]))
        pictures = mapped(photos)
        with self.run.fabric.autocast():
            logits, given = self._player(pictures, noise, self.temperature(step))
        rising = min(1.0, self._coded(step) / training.rising)
        yield (
            "dvae",
            {
                "reconstruction": logit_laplace_loss(given.float(), pictures),
                "divergence": training.divergence * rising / VALUES * divergence(logits.float()),
            },
        )

    def temperature(self, step: int) -> float:
        """That of a step; 0 where there are no codes."""
        if step < self.training.uncoded:
            return 0.0
        last = self.training.temperature
        return last + (1 - last) * (1 + math.cos(math.pi * self._coded(step))) / 2

    def _coded(self, step: int) -> float:
        """How much of the part with codes is over, 0 to 1."""
        before = self.training.uncoded
        return max(step - before, 0) / max(self.steps - before, 1)

    def _begin_codes(self, step: int) -> None:
        """Finds codes, the same on all processes."""
        photos = torch.cat([self.source[step + number] for number in range(LOOKED)])
        pictures = mapped(self.run.fabric.to_device(photos))
        begin_codes(self.dvae.encoder, self.dvae.decoder, pictures)

    def decay(self, step: int) -> float:
        """Less when codes have begun."""
        begun = step - self.training.uncoded
        return super().decay(begun if begun >= 0 else step)

    def export(self, folder: Path, done: int) -> None:
        """Writes it."""
        self.kept.save(folder)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Photos, and what their likeliest tokens give."""
        photos = self.run.fabric.to_device(self.source[0][:SHOWN])
        tokens = self.kept.encoder.tokens(mapped(photos))
        given = self.kept.decoder.pictures(tokens)
        rows = [np.concatenate([pixels(one) for one in some], 1) for some in (photos, given)]
        return np.concatenate(rows)


def gumbel(size: tuple[int, ...]) -> Tensor:
    """Noise of Gumbel's distribution."""
    return -torch.empty(size).exponential_().log()


def train_dvae(
    training: DvaeTraining,
    config: DvaeConfig,
    crops: Crops,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, which `Dvae.read` reads
    *,
    seed: int,
    minutes: float | None = None,
    precision: str = "32-true",
) -> bool:
    """Trains it; whether all steps are done.

    Raises InputError where the folder's state is damaged or another one's.
    """
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        return train(DvaeRecipe(training, config, crops), run, seed=seed)
