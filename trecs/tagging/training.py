"""Trains the tagger: BERT, fine-tuned on the released narratives' tags and on plain English.

The tags disagree with themselves, and a tagger that learns them by heart learns their whims. So
teachers come first, each of which learns from the narratives of all folds but one and then says
what it thinks of that one; a student learns from those opinions and the tags together
(reconstructed, after Hinton et al., 2015; no teacher speaks of what it has seen, lest it repeat
the tags). It knows everyday English best; last courses on the narratives as they are follow, and
the mean of the student's weights and theirs is the tagger.
"""

import copy
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from files.errors import InputError
from trecs.data.dataset import Dataset, TaggedNarrative
from trecs.learning.optimization import move_average
from trecs.learning.run import Run
from trecs.tagging import lessons
from trecs.tagging.calibration import best_temperature, cooled
from trecs.tagging.course import TaggerTraining, fit
from trecs.tagging.lessons import Lesson
from trecs.tagging.network import TaggerConfig, TaggerNetwork
from trecs.tagging.plain_english import PlainEnglish
from trecs.tagging.tagger import Tagger, label_transitions
from trecs.text.wordpieces import SPECIAL, WordPieces
from trecs.text.words import Vocabulary
from trecs.trunks.bert import find_bert, read_bert

ASIDE = 20  # of so many photos the narratives of one are set aside


def train_tagger(
    training: TaggerTraining,
    dataset: Dataset,
    folder: Path,  # the runs: teacher0, student, last0 and so on, and model/
    *,
    seed: int = 0,
    minutes: float | None = None,
) -> Path:
    """Trains on the training narratives, going on where the folder's runs stopped.

    Those of one photo in 20 are set aside for the accuracy that is logged and for the temperature.
    Returns the folder of the model or, where `minutes` ended the training early, of the model in
    work. The same seed gives the same weights, interrupted or not. Raises InputError where there
    are no narratives, or too few, or no BERT.
    """
    ends_at = None if minutes is None else time.monotonic() + 60 * minutes
    narratives = dataset.narratives("train")
    if not narratives:
        raise InputError(
            f"'{dataset.folder}' has no training narratives; expected narratives/train.jsonl with "
            "words and tags."
        )
    english = PlainEnglish.read()
    start = _beginning(training, narratives, english, seed)
    aside: list[Lesson] = []
    folds: list[list[Lesson]] = [[] for _ in range(training.teachers)]
    for n in narratives:
        rest = n.image_id % ASIDE
        stretches = start.pieces.stretches(n.words, start.config.room)
        some = [Lesson.of(n.words[part], n.tags[part]) for part in stretches]
        (folds[rest % training.teachers] if rest else aside).extend(some)
    if not all(folds):
        raise InputError(
            f"The {len(narratives):,} training narratives of '{dataset.folder}' are too few for "
            f"{training.teachers} teachers."
        )
    tags = [n.tags for n in narratives if n.image_id % ASIDE]
    start.network.transitions.copy_(torch.from_numpy(label_transitions(tags)))

    learn = partial(fit, english=english, aside=aside, ends_at=ends_at)
    taught: list[Lesson] = []
    teacher = replace(training, steps=training.teacher_steps)
    for number, fold in enumerate(folds):
        others = [lesson for other in folds if other is not fold for lesson in other]
        run = folder / f"teacher{number}"
        if not learn(teacher, start, others, run, seed=seed + number):
            return run / "model"
        taught += _taught(Tagger.load(run / "model"), fold, training.teaching)
    run = folder / "student"
    if not learn(training, start, taught, run, seed=seed):
        return run / "model"
    taggers = [Tagger.load(run / "model")]
    last = replace(
        training,
        steps=training.last_steps,
        rate=training.last_rate * training.rate,
        head_rate=training.last_rate * training.head_rate,
        exchange=0.0,
        plain_weight=training.last_plain_weight,
    )
    everything = [lesson for fold in folds for lesson in fold]
    for number in range(training.finals):
        run = folder / f"last{number}"
        if not learn(last, taggers[0], everything, run, seed=seed + number):
            return run / "model"
        taggers.append(Tagger.load(run / "model"))
    with Run(folder, seed=seed) as whole:
        if whole.main:
            cooled(_mean(taggers), aside).save(folder / "model")
    return folder / "model"


def _taught(teacher: Tagger, fold: Sequence[Lesson], share: float) -> list[Lesson]:
    """The lessons of a fold with a share of the opinions of a teacher that has not seen them."""
    said = lessons.opinions(teacher, [lesson.words for lesson in fold])
    logits = np.concatenate([opinion.words for opinion in said])
    temperature = best_temperature(logits, np.concatenate([lesson.tags for lesson in fold]))
    return [
        lesson.with_opinion(
            torch.from_numpy(opinion.words / temperature).softmax(-1).numpy(),
            torch.from_numpy(opinion.mentions).sigmoid().numpy(),
            share,
        )
        for lesson, opinion in zip(fold, said, strict=True)
    ]


def _mean(taggers: Sequence[Tagger]) -> Tagger:
    """The tagger with the mean of others' weights (model soup, Wortsman et al., ICML 2022)."""
    first = taggers[0]
    network = copy.deepcopy(first.network)
    for number, other in enumerate(taggers[1:], 1):
        move_average(network.state_dict(), other.network.state_dict(), number / (number + 1))
    return Tagger(first.config, first.pieces, first.words, network)


def _beginning(
    training: TaggerTraining,
    narratives: Sequence[TaggedNarrative],
    english: PlainEnglish,
    seed: int,
) -> Tagger:
    """A tagger that has learned nothing but BERT; not even that if it is a small one."""
    spoken = [n.words for n in narratives]
    words = Vocabulary.of([*spoken, *[sorted(english.words())] * 2], at_least=2)
    if training.small:
        letters = sorted({letter for word in words.words[1:] for letter in word} - {"'"})
        pieces = WordPieces((*SPECIAL, "'", *letters, *(f"##{letter}" for letter in letters)))
        config, weights = TaggerConfig.tiny(len(pieces)), None
    else:
        bert, pieces, weights = read_bert(find_bert(training.bert))
        config = TaggerConfig(**asdict(bert))
    torch.manual_seed(seed)
    network = TaggerNetwork(config)
    if weights:
        network.bert.load_state_dict(weights)
    return Tagger(config, pieces, words, network)
