"""One course of the tagger's training: from one tagger to a better one, on given lessons."""

import copy
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.tagging import lessons
from trecs.tagging.calibration import cooled
from trecs.tagging.lessons import Exercise, Lesson
from trecs.tagging.network import TaggerNetwork
from trecs.tagging.plain_english import PlainEnglish
from trecs.tagging.tagger import Tagger
from trecs.text.wordpieces import WordPieces
from trecs.trunks.bert import MINILM


@dataclass(frozen=True)
class TaggerTraining:
    """The recipe; the card of the bundled checkpoint says how it was used."""

    bert: str = MINILM  # a folder or a name on the hub
    steps: int = 3400  # of the student
    teachers: int = 2  # of which each leaves out another fold of the narratives
    teacher_steps: int = 800
    teaching: float = 0.5  # share of the teachers' opinions in what is learned
    finals: int = 2  # last courses, of which each starts from the student
    last_steps: int = 1000  # of each, on the tags alone, of the narratives as they are
    last_rate: float = 0.6  # of the rates before
    last_plain_weight: float = 0.05  # of the sentences' loss
    batch: int = 16  # narratives
    plain: int = 4  # sentences of everyday English beside them
    exchange: float = 0.1  # share of nouns exchanged for others of their label
    forget: float = 0.15  # share of word pieces that are masked
    rate: float = 1.5e-4  # AdamW's for BERT's last layer, warmed up, then a cosine to 0
    layer_decay: float = 0.85  # of the rate, from each layer to the one before
    head_rate: float = 6e-4  # for the rest of the network
    warmup: int = 100
    decay: float = 0.01
    smoothing: float = 0.05  # of labels
    plain_weight: float = 0.2  # of the sentences' loss
    mention_weight: float = 2.0  # of the loss of naming the narrative's labels
    average: float = 0.995  # exponential moving average of the weights, which is what is kept
    precision: str = "auto"
    small: bool = False  # TaggerConfig.tiny from scratch, for tests

    @classmethod
    def tiny(cls) -> "TaggerTraining":
        """The same path in a test's time."""
        return cls(
            steps=12,
            teachers=2,
            teacher_steps=4,
            finals=1,
            last_steps=3,
            batch=4,
            plain=2,
            warmup=2,
            head_rate=1e-2,
            rate=1e-2,
            small=True,
        )


def fit(
    training: TaggerTraining,
    start: Tagger,
    learned: Sequence[Lesson],
    folder: Path,
    *,
    english: PlainEnglish,
    aside: Sequence[Lesson],
    seed: int,
    ends_at: float | None,
) -> bool:
    """Trains a copy of the tagger `start` in the run's folder; whether to the last step.

    The accuracy on the lessons `aside` is logged, and the last layer of what is kept is divided by
    the temperature that suits them. `ends_at` is a time.monotonic().
    """
    minutes = None if ends_at is None else max(ends_at - time.monotonic(), 0) / 60
    exercises = Exercises(training, start.pieces, learned, english, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=training.precision) as run:
        return train(CourseRecipe(start, exercises, aside), run, seed=seed)


@dataclass(frozen=True, eq=False)
class Exercises:
    """Narratives, each once an epoch, and made-up sentences: by the seed and the step alone."""

    training: TaggerTraining
    pieces: WordPieces
    learned: Sequence[Lesson]
    english: PlainEnglish
    seed: int

    def __getitem__(self, step: int) -> tuple[Exercise, Exercise]:
        """Those of a step."""
        training, english = self.training, self.english
        lengths = [len(lesson.words) for lesson in self.learned]
        epoch, within = divmod(step, max(len(lengths) // training.batch, 1))
        chosen = lessons.order(lengths, training.batch, self.seed + epoch)[within]
        rng = np.random.default_rng([self.seed, step])
        share, some = training.exchange, [self.learned[i] for i in chosen]
        spoken = [lessons.exchanged(lesson, english, share, rng) for lesson in some]
        made = [Lesson.of(*english.sentence(rng)) for _ in range(training.plain)]
        return Exercise.of(self.pieces, spoken), Exercise.of(self.pieces, made)


class CourseRecipe(Recipe[tuple[Exercise, Exercise]]):
    """The network learns to tag narratives, and sentences of plain English beside them."""

    averaged = "network"
    one_of_many = True
    kept: TaggerNetwork

    def __init__(self, start: Tagger, exercises: Exercises, aside: Sequence[Lesson]) -> None:
        training, self.source = exercises.training, exercises
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self._training, self._start, self._aside = training, start, aside
        network = copy.deepcopy(start.network).train()
        if not training.small:
            # BERT's embeddings stay, so that words that the narratives lack keep their place
            # beside those they have.
            for part in (network.bert.piece, network.bert.position, network.bert.norm):
                part.requires_grad_(False)
        # Scaled gradients cannot be clipped where the optimizer unscales them, as a fused one does
        fused = training.precision != "16-mixed"
        self._network = Player(
            network,
            torch.optim.AdamW(_groups(network, training), fused=fused),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            clip=1.0,
        )
        self.players = {"network": self._network}

    def settings(self) -> dict[str, Any]:
        """The network's shape and what it reads."""
        return {"model": asdict(self._start.config), "pieces": list(self._start.pieces.pieces)}

    def decay(self, step: int) -> float:
        """Of the first steps the average reaches back a tenth."""
        return min(self.average, (step + 1) / (step + 11))

    def turns(self, batch: tuple[Exercise, Exercise], step: int) -> Iterator[Turn]:
        """Its only turn."""
        narratives, sentences = map(self._loss, batch)
        plain = self._training.plain_weight * sentences
        yield "network", {"narratives": narratives, "sentences": plain}

    def measure(self, done: int) -> dict[str, float]:
        """The share of words whose label is right, of the lessons set aside."""
        return {"accuracy": token_accuracy(self._tagger(), self._aside)} if self._aside else {}

    def export(self, folder: Path, done: int) -> None:
        """Writes the tagger, at the end as sure as it is right."""
        tagger = self._tagger()
        (cooled(tagger, self._aside) if done >= self.steps else tagger).save(folder)

    def _tagger(self) -> Tagger:
        """A tagger of what is kept, on the CPU."""
        start, network = self._start, copy.deepcopy(self.kept).cpu()
        return Tagger(start.config, start.pieces, start.words, network)

    def _loss(self, exercise: Exercise) -> Tensor:
        """Of naming the words' labels and telling which labels are mentioned."""
        training, part = self._training, self.run.share(len(exercise.mentions))
        masked = exercise._replace(texts=lessons.masked(exercise.texts, training.forget))
        texts, labels, mentioned = self.run.fabric.to_device(masked.taken(part))
        words, mentions = self._network(*texts)  # (B, N, 182), (B, 182)
        naming = lessons.naming_loss(words, labels, training.smoothing)
        mentioning = F.binary_cross_entropy_with_logits(mentions, mentioned)
        return naming + training.mention_weight * mentioning


def _groups(network: TaggerNetwork, training: TaggerTraining) -> list[dict[str, Any]]:
    """What learns, by learning rate and weight decay: the nearer to the words, the slower."""
    layers = len(network.bert.encoder.layers)
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith("bert.encoder.layers."):
            above = layers - 1 - int(name.split(".")[3])
            rate = training.rate * training.layer_decay**above
        elif name.startswith("bert."):
            rate = training.rate * training.layer_decay**layers
        else:
            rate = training.head_rate
        decay = training.decay if parameter.ndim > 1 else 0.0
        if parameter.requires_grad:
            groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def token_accuracy(tagger: Tagger, narratives: Sequence[Lesson]) -> float:
    """The share of words whose label is right, 0 to 1."""
    right = total = 0
    for start in range(0, len(narratives), 64):
        some = narratives[start : start + 64]
        for tags, narrative in zip(tagger.tag_all([n.words for n in some]), some, strict=True):
            right += int((tags.labels == narrative.tags).sum())
            total += len(narrative.tags)
    return right / max(total, 1)
