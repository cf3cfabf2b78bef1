"""Trains alignDRAW (Mansimov et al., ICLR 2016) on photos and their captions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from trecs.learning.loop import Player, Turn
from trecs.learning.optimization import settled
from trecs.systems.aligndraw.losses import latent_loss, reconstruction_loss
from trecs.systems.aligndraw.network import AlignDrawConfig, Decoder, Encoder, redraw
from trecs.systems.aligndraw.system import AlignDraw
from trecs.systems.parts.caption_training import (
    CaptionBatches,
    CaptionRecipe,
    Examples,
    train_by_captions,
)
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.text_encoder import TextBatch

WIDE = 1.5  # log sigma^2 of the first windows, whose filters meet; 0 leaves rows of dots


@dataclass(frozen=True)
class AlignDrawTraining:
    """The numbers of a training; those of the authors' COCO run stand beside."""

    networks: AlignDrawConfig = field(default_factory=AlignDrawConfig)
    steps: int = 4_000
    batch: int = 64  # 100
    rate: float = 1e-3  # 1e-3; Adam, betas 0.5 and 0.999 (a kind of RMSprop, decay 0.9)
    settling: int = 1_000  # the last steps, in which the rate falls (to 1e-4 after 18 epochs)
    clip: float = 10.0  # the whole gradient's largest norm (that of each tensor)
    average: float = 0.995  # decay of the averaged weights, which are what is exported (none)

    @staticmethod
    def tiny() -> "AlignDrawTraining":
        """The same path, small enough for tests."""
        return AlignDrawTraining(AlignDrawConfig.tiny(), steps=4, batch=2, settling=0)


class Learner(nn.Module):
    """Caption encoder, encoder and decoder, which learn together."""

    def __init__(self, text_encoder: nn.Module, decoder: Decoder) -> None:
        super().__init__()
        self.text_encoder, self.decoder = text_encoder, decoder
        self.encoder = Encoder(decoder.config)

    def forward(self, photos: Tensor, noise: Tensor, texts: TextBatch) -> tuple[Tensor, Tensor]:
        """What is lost on photos (B, 3, S, S) in [0, 1] with noise (steps, B, Z): two scalars."""
        words, _ = self.text_encoder(texts.numbers, texts.lengths)
        latent = []
        for seen in redraw(self.encoder, self.decoder, photos, noise, words, texts.padding):
            latent.append(latent_loss(seen.posterior, seen.prior))
        canvas = seen.stroke.state.canvas
        return reconstruction_loss(canvas, photos), torch.stack(latent).sum()


class AlignDrawRecipe(CaptionRecipe):
    """One learner goes up the variational bound."""

    averaged = "learner"
    kept: Learner

    def __init__(self, training: AlignDrawTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        super().__init__(AlignDraw, training.networks, damsm, batches)
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self._config = training.networks
        decoder = self.networks.generator
        assert isinstance(decoder, Decoder)
        learner = Learner(self.networks.text_encoder.requires_grad_(True), decoder)
        for window in (decoder.window, learner.encoder.window):
            nn.init.normal_(window.weight, 0.0, 0.01)
            nn.init.zeros_(window.bias)
            window.bias.data[2] = WIDE
        optimizer = torch.optim.Adam(learner.parameters(), training.rate, (0.5, 0.999))
        course = training.steps, training.settling
        self._learner = Player(
            learner, optimizer, lambda step: settled(step, *course), training.clip
        )
        self.players = {"learner": self._learner}

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """Its only turn."""
        photos, texts = batch
        device = self.run.fabric.device
        noise = torch.randn(self._config.steps, self.batch, self._config.code)[:, self.part]
        seen = self.run.fabric.to_device(photos[self.part] / 2 + 0.5)
        told = TextBatch.of(texts[self.part], device)
        reconstruction, latent = self._learner(seen, noise.to(device), told)
        yield "learner", {"reconstruction": reconstruction, "latent": latent}

    def learnt(self) -> tuple[nn.Module, nn.Module]:
        """Both have learnt."""
        return self.kept.text_encoder, self.kept.decoder


train_aligndraw = partial(train_by_captions, AlignDrawRecipe, least=1)
