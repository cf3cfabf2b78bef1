"""Trains AttnGAN (Xu et al., CVPR 2018) on photos and their texts, taught by a trained DAMSM."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import Dataset
from trecs.data.described import Described, described_photos, load_squares, random_crops
from trecs.device import channels_last
from trecs.learning.augmentation import Jitter, shifted
from trecs.learning.judge import Judge, discriminator_loss
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.run import Run
from trecs.learning.trunk_judge import TrunkJudge
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig
from trecs.systems.attngan.discriminator import discriminators
from trecs.systems.attngan.generator import AttnGanGenerator
from trecs.systems.attngan.losses import generator_loss
from trecs.systems.attngan.model import AttnGan, AttnGanNetworks
from trecs.systems.parts.conditioning import LEAST, begin_apart, kl_loss
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.damsm_training import captions
from trecs.systems.parts.image_encoder import ImageEncoder
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.matching_losses import sentence_loss, word_loss
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import tokens

AT_ONCE = 64  # captions that are encoded together
SHOWN = 8  # texts of the sheet that every save draws


@dataclass(frozen=True)
class AttnGanTraining:
    """The numbers of a training; the defaults run on a CPU. The authors' stand beside.

    `stage_steps`: the second stage joins after so many steps, the third after as many again. The
    authors train all at once, which spends most of the time on large pictures of nothing.

    Discriminators that learn as fast as the generator know a thousand photos by heart, and a
    `matching` as large as the authors' gives patterns that please the DAMSM alone.
    """

    attngan: AttnGanConfig = field(default_factory=AttnGanConfig.bundled)
    steps: int = 6_000
    stage_steps: int = 2_400
    batch: int = 8  # 14
    generator_rate: float = 5e-4  # 2e-4; Adam, betas 0 and 0.99 (0.5 and 0.999)
    discriminator_rate: float = 1.5e-4  # 2e-4
    settling: int = 900  # the last steps, in which both rates fall, see `settled` (0)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (0.999)
    matching: float = 2.0  # lambda, of the DAMSM term (50; 5 for birds)
    jitter: float = 0.3  # of what discriminators and DAMSM see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)

    @staticmethod
    def tiny() -> "AttnGanTraining":
        """The same path, small enough for tests."""
        config = replace(AttnGanConfig.tiny(), stages=2)
        return AttnGanTraining(config, steps=4, stage_steps=2, batch=2, settling=0)

    def stages(self, step: int) -> int:
        """How many stages are trained at a step."""
        return min(self.attngan.stages, 1 + step // self.stage_steps)


def train_attngan(
    training: AttnGanTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    damsm: Path | Damsm = BUNDLED / "damsm",  # the matching model, which teaches
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, or a folder is damaged.
    """
    damsm = Damsm.load(damsm) if isinstance(damsm, Path) else damsm
    photos = [d for d in described_photos(dataset) if any(map(tokens, d.texts))]
    if training.batch < 2 or len(photos) < training.batch:
        raise InputError(
            f"A batch of {training.batch} cannot be drawn from the {len(photos)} photos with a "
            f"text in '{dataset.folder}'; expected 2 to {len(photos)}."
        )
    known = damsm.networks.config
    config = replace(training.attngan, vocabulary=known.vocabulary, embedding=known.embedding,
                     text=known.text, words=known.words)  # fmt: skip
    training = replace(training, attngan=config)
    batches = Batches(training, photos, damsm, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(AttnGanRecipe(training, damsm, batches), run, seed=seed)


Examples = tuple[list[Tensor], list[tuple[int, ...]]]
"""Photos of every stage's side (B, 3, S, S) in [-1, 1], and a caption of each."""


class Batches:
    """Random batches of photos in memory: those of step n depend on the seed and n alone."""

    def __init__(
        self, training: AttnGanTraining, photos: Sequence[Described], damsm: Damsm, seed: int
    ) -> None:
        self._training, self._seed = training, seed
        side = FIRST_SIDE << training.attngan.stages - 1
        self.squares = load_squares([one.photo for one in photos], side)
        self.captions = captions(photos, damsm.vocabulary, training.attngan.words)

    def __getitem__(self, step: int) -> Examples:
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self.squares), self._training.batch, replace=False)
        texts = [self.captions[i][rng.integers(len(self.captions[i]))] for i in chosen]
        stages = self._training.attngan.stages
        photos = [random_crops(self.squares[chosen], FIRST_SIDE << stages - 1, rng)]
        while len(photos) < stages:
            photos.insert(0, functional.avg_pool2d(photos[0], 2))
        return photos[: self._training.stages(step)], texts


class AttnGanRecipe(Recipe[Examples]):
    """Judges and generator take a step in turn; the generator's averaged weights are kept."""

    averaged = "generator"
    least = 2  # of whose sentences one is another's
    log_every = 20
    kept: AttnGanGenerator

    def __init__(self, training: AttnGanTraining, damsm: Damsm, batches: Batches) -> None:
        self._training, self._damsm, self._batches = training, damsm, batches
        self.steps, self.batch, self.source = training.steps, training.batch, batches
        self.average = training.average
        config, self._encoder = training.attngan, channels_last(damsm.networks.image_encoder)
        generator, self._judges = AttnGanGenerator(config), _judges(config, self._encoder)
        for network in (generator, self._judges):
            initialise(network)
            channels_last(network)
        sentences = _sentences(damsm, batches.captions)
        begin_apart(generator.ca_net, sentences)
        self._centre, self._spread = sentences.mean(0), sentences.std(0).clamp(min=LEAST)
        course = training.steps, training.settling
        self._generator = Player.adversary(generator, training.generator_rate, *course)
        self.players = {
            "generator": self._generator,
            "judges": Player.adversary(self._judges, training.discriminator_rate, *course),
        }

    def begin(self) -> None:
        """Moves what teaches."""
        self._damsm.networks.to(self.run.fabric.device)
        self._centre, self._spread = self.run.fabric.to_device((self._centre, self._spread))

    def decay(self, step: int) -> float:
        """Less when a stage has joined."""
        training = self._training
        return super().decay(step - (training.stages(step) - 1) * training.stage_steps)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        training, run, part, encoder = self._training, self.run, self.part, self._encoder
        photos, texts = batch
        noise, variation = self.kept.draw_noise(training.batch)
        jitters = [Jitter.drawn(training.batch, training.jitter) for _ in photos]
        jitters = [jitter.of(part, run.fabric.device) for jitter in jitters]
        photos, noise, variation = run.fabric.to_device(
            ([photo[part] for photo in photos], noise[part], variation[part])
        )
        told = TextBatch.of(texts[part], run.fabric.device)
        with torch.no_grad():
            words, sentence = self._damsm.networks.text_encoder(told.numbers, told.lengths)
            # Scaled, or a judge hardly sees them beside pictures
            scaled = (sentence - self._centre) / self._spread

        drawn = self._generator(noise, variation, sentence, words, told.padding, len(photos))
        with run.fabric.autocast():
            generated = _views(drawn.images, jitters, training.shift)
            seen = encoder.seen(generated[-1])
            with torch.no_grad():
                real = _views(photos, jitters, training.shift)
                real += encoder.seen(real[-1])
            generated += seen
            active = [*self._judges[: len(photos)], *self._judges[training.attngan.stages :]]
            apart = torch.stack([
                _judged(judge, photo, picture.detach(), scaled)
                for judge, photo, picture in zip(active, real, generated, strict=True)
            ]).sum()  # fmt: skip
        yield "judges", {"judges": apart}

        self._judges.requires_grad_(False)
        with run.fabric.autocast():
            verdicts = [
                judge.judge(judge(picture), scaled)
                for judge, picture in zip(active, generated, strict=True)
            ]
        self._judges.requires_grad_(True)
        regions, whole = encoder.project(seen[0].float(), seen[1].float().mean((2, 3)))
        by_words = word_loss(regions, words, told.lengths)
        by_sentence = sentence_loss(whole, sentence)
        run.note(words=torch.stack(by_words).mean(), sentences=torch.stack(by_sentence).mean())
        loss = generator_loss(
            verdicts,
            (*by_words, *by_sentence),
            kl_loss(drawn.mean, drawn.log_variance),
            weight=training.matching,
        )
        yield "generator", {"generator": loss}

    def export(self, folder: Path, done: int) -> None:
        """Writes the stages that have been trained, and DAMSM's text encoder."""
        self._model(done).save(folder, small=True)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """The photo and three pictures of the same few training texts."""
        model, batches = self._model(done), self._batches
        rows = []
        for index in range(0, len(batches.squares), max(len(batches.squares) // SHOWN, 1)):
            text = [model.vocabulary.words[number] for number in batches.captions[index][0]]
            pictures = [model.draw(text, seed).picture for seed in range(3)]
            side = len(pictures[0])
            photo = cv2.resize(batches.squares[index], (side, side), interpolation=cv2.INTER_AREA)
            rows.append(np.concatenate([photo, *pictures], 1))
        return np.concatenate(rows)

    def _model(self, done: int) -> AttnGan:
        stages = self._training.stages(done - 1)
        networks = AttnGanNetworks(replace(self._training.attngan, stages=stages))
        networks.text_encoder.load_state_dict(self._damsm.networks.text_encoder.state_dict())
        own = networks.generator.state_dict()
        averaged = self.kept.state_dict()
        networks.generator.load_state_dict({name: averaged[name] for name in own})
        return AttnGan(networks, self._damsm.vocabulary)


@torch.no_grad()
def _sentences(damsm: Damsm, captions: Sequence[Sequence[tuple[int, ...]]]) -> Tensor:
    """The features (N, D) of all captions."""
    every = [caption for some in captions for caption in some]
    features = []
    for start in range(0, len(every), AT_ONCE):
        batch = TextBatch.of(every[start : start + AT_ONCE])
        features.append(damsm.networks.text_encoder(batch.numbers, batch.lengths)[1])
    return torch.cat(features)


def _judges(config: AttnGanConfig, encoder: ImageEncoder) -> nn.ModuleList:
    """A discriminator of each stage, then one of each map of the trunk."""
    maps = encoder.emb_features.in_channels, encoder.emb_cnn_code.in_features
    seers = [TrunkJudge(channels, config.judge_width, config.text) for channels in maps]
    return nn.ModuleList([*discriminators(config), *seers])


def _views(pictures: Sequence[Tensor], jitters: Sequence[Jitter], shift: float) -> list[Tensor]:
    """Every stage's pictures as discriminators and DAMSM see them."""
    return [
        shifted(jitter(picture), shift) for picture, jitter in zip(pictures, jitters, strict=True)
    ]


def _judged(judge: Judge, real: Tensor, generated: Tensor, sentence: Tensor) -> Tensor:
    """A judge's loss, a scalar."""
    code = judge(real)
    return discriminator_loss(
        judge.judge(code, sentence),
        judge.judge(judge(generated), sentence),
        judge.judge_mismatched(code, sentence),
    )
