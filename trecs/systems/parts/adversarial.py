"""The base of adversarial trainings on photos and captions: views, rates, and pictures kept apart.

A system's recipe says how its generator draws and what its judges say (`turns`).
"""

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from trecs.device import channels_last
from trecs.learning.augmentation import Jitter, shifted
from trecs.learning.loop import Player
from trecs.systems.parts.caption_system import CaptionSystem
from trecs.systems.parts.caption_training import CaptionBatches, CaptionRecipe, sentences_of
from trecs.systems.parts.conditioning import LEAST
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.mode_seeking import mode_seeking_loss

BETAS = 0.5, 0.999  # of Adam, DCGAN's, which the early systems took


class AdversarialNumbers(Protocol):
    """What a training's dataclass must have; see `GanIntClsTraining` for what each is."""

    @property
    def steps(self) -> int: ...  # noqa: D102
    @property
    def batch(self) -> int: ...  # noqa: D102
    @property
    def generator_rate(self) -> float: ...  # noqa: D102
    @property
    def judge_rate(self) -> float: ...  # noqa: D102
    @property
    def settling(self) -> int: ...  # noqa: D102
    @property
    def average(self) -> float: ...  # noqa: D102
    @property
    def jitter(self) -> float: ...  # noqa: D102
    @property
    def shift(self) -> float: ...  # noqa: D102
    @property
    def apart(self) -> float: ...  # noqa: D102


class Views:
    """One draw of colours for a batch; places are drawn anew for each set of pictures."""

    def __init__(self, jitter: Jitter, shift: float) -> None:
        self._jitter, self._shift = jitter, shift

    def __call__(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, S, S) as judges see them."""
        return shifted(self._jitter(pictures), self._shift)

    def beside(self, photos: Tensor, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Photos and pictures (B, 3, S, S) each, of which a pair is at one place."""
        both = torch.cat([self._jitter(photos), self._jitter(pictures)], 1)
        seen, drawn = shifted(both, self._shift).chunk(2, 1)
        return seen.detach(), drawn  # or the judges' step would go through the pictures


class AdversarialRecipe(CaptionRecipe):
    """Judges and generator step in turn; the generator's averaged weights are kept.

    Reconstructed: colours and places of what judges see are varied, both rates fall in the last
    steps, and pictures of one sentence and two noises are kept apart (`alike`): without it, all
    noises gave one picture within 200 steps.
    """

    averaged = "generator"
    least = 2  # of whose sentences one is another's

    def __init__(
        self,
        system: type[CaptionSystem],
        config: Any,
        damsm: Damsm,
        batches: CaptionBatches,
        training: AdversarialNumbers,
        judges: nn.Module,
    ) -> None:
        super().__init__(system, config, damsm, batches)
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self.training, self.own = training, judges
        self.sentences = sentences_of(self.networks, batches.captions)  # (N, D)
        self._centre = self.sentences.mean(0)
        self._spread = self.sentences.std(0).clamp(min=LEAST)
        course = training.steps, training.settling, BETAS
        self.generator = Player.adversary(self.networks.generator, training.generator_rate, *course)
        self.players = {
            "generator": self.generator,
            "judges": Player.adversary(judges, training.judge_rate, *course),
        }

    def begin(self) -> None:
        """Moves what teaches."""
        super().begin()
        for network in (self.networks.generator, self.own):
            channels_last(network)  # not before, for no orthogonal beginning can be drawn then
        self._centre, self._spread = self.run.fabric.to_device((self._centre, self._spread))

    def scaled(self, sentence: Tensor) -> Tensor:
        """Sentences (B, D) of unit spread, or a judge hardly sees them beside pictures."""
        return (sentence - self._centre) / self._spread

    def views(self) -> Views:
        """One draw for this step."""
        jitter = Jitter.drawn(self.training.batch, self.training.jitter)
        return Views(jitter.of(self.part, self.run.fabric.device), self.training.shift)

    def noise(self, numbers: int, batch: int | None = None) -> Tensor:
        """Standard normal noise (B, Z) of this process's share."""
        drawn = torch.randn(self.training.batch if batch is None else batch, numbers)
        return self.run.fabric.to_device(drawn[self.part] if batch is None else drawn)

    def varied_noise(self) -> tuple[Tensor, Tensor]:
        """Noise (B, Z) and variations (B, C) of this process's share, as the generator has them."""
        generator: Any = self.kept
        noise, variation = generator.draw_noise(self.batch)
        drawn: tuple[Tensor, Tensor] = self.run.fabric.to_device(
            (noise[self.part], variation[self.part])
        )
        return drawn

    def freeze_judges(self, frozen: bool) -> None:
        """While the generator steps, judges need no gradients."""
        self.own.requires_grad_(not frozen)

    def alike(self, pictures: Tensor, others: Tensor, noise: Tensor, other: Tensor) -> Tensor:
        """What pictures (B, 3, S, S) of the same sentences and two noises (B, Z) lose, a scalar."""
        return self.training.apart * mode_seeking_loss(pictures, others, noise, other)
