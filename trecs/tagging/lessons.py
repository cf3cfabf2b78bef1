"""What the tagger learns from: texts with the probability of every label at every word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from segmentation.labels import COUNT
from trecs.tagging.network import Batch
from trecs.tagging.plain_english import PlainEnglish
from trecs.tagging.tagger import Tagger
from trecs.text.wordpieces import END, MASK, PAD, START, WordPieces


@dataclass(frozen=True, eq=False)
class Lesson:
    """A text and what is to be said of it.

    `tags` (N,) int64: the label each of its `words` was given. `labels` (N, 182) float32: the
    probability of every label at every word. `mentions` (182,) float32: of each label, that the
    text speaks of it at all.
    """

    words: tuple[str, ...]
    tags: NDArray[np.int64]
    labels: NDArray[np.float32]
    mentions: NDArray[np.float32]

    @classmethod
    def of(cls, words: Sequence[str], tags: NDArray[np.integer]) -> "Lesson":
        """The tags as certainties."""
        labels = np.zeros((len(words), COUNT), np.float32)
        labels[np.arange(len(words)), tags] = 1
        return cls(tuple(words), tags.astype(np.int64), labels, labels.max(0))

    def with_opinion(
        self, labels: NDArray[np.float32], mentions: NDArray[np.float32], share: float
    ) -> "Lesson":
        """The lesson with a `share` of another's probabilities in its own."""
        return Lesson(
            self.words,
            self.tags,
            (1 - share) * self.labels + share * labels,
            (1 - share) * self.mentions + share * mentions,
        )


class Exercise(NamedTuple):
    """Texts that are learned together, and what is to be said of them.

    `labels`: probabilities of words (B, N, 182), 0 beyond a text's end; `mentions` (B, 182).
    """

    texts: Batch
    labels: Tensor
    mentions: Tensor

    @classmethod
    def of(cls, pieces: WordPieces, lessons: Sequence[Lesson]) -> "Exercise":
        """Puts lessons together."""
        labels = [torch.from_numpy(lesson.labels) for lesson in lessons]
        mentions = [torch.from_numpy(lesson.mentions) for lesson in lessons]
        texts = Batch.of(pieces, [lesson.words for lesson in lessons])
        return cls(texts, pad_sequence(labels, batch_first=True), torch.stack(mentions))

    def taken(self, part: slice) -> "Exercise":
        """Some of its texts."""
        texts = Batch(*(tensor[part] for tensor in self.texts))
        return Exercise(texts, self.labels[part], self.mentions[part])


class Opinion(NamedTuple):
    """What a tagger says of a text: label logits of words (N, 182), of mentions (182,)."""

    words: NDArray[np.float32]
    mentions: NDArray[np.float32]


@torch.inference_mode()
def opinions(tagger: Tagger, texts: Sequence[Sequence[str]]) -> list[Opinion]:
    """The opinion on each text; none is empty or longer than the tagger reads at once."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found: dict[int, Opinion] = {}
    for start in range(0, len(order), 64):
        some = order[start : start + 64]
        words, mentions = tagger.network(*Batch.of(tagger.pieces, [texts[i] for i in some]))
        for row, i in enumerate(some):
            found[i] = Opinion(words[row, : len(texts[i])].numpy(), mentions[row].numpy())
    return [found[i] for i in range(len(texts))]


def order(lengths: Sequence[int], batch: int, seed: int) -> list[NDArray[np.int64]]:
    """The batches of an epoch; those in a batch are alike in length, which saves time.

    All have `batch` narratives: the few that are left over wait for another epoch's order.
    """
    random = np.random.default_rng(seed)
    jittered = np.array(lengths) * random.uniform(0.8, 1.25, len(lengths))
    if len(lengths) <= batch:
        return [np.argsort(jittered)]
    shuffled = random.permutation(len(lengths))[: len(lengths) // batch * batch]
    batches = shuffled[np.argsort(jittered[shuffled])].reshape(-1, batch)
    return [batches[i] for i in random.permutation(len(batches))]


def exchanged(
    lesson: Lesson, english: PlainEnglish, share: float, random: np.random.Generator
) -> Lesson:
    """The lesson with a `share` of its nouns exchanged for others of their label."""
    words = english.exchanged(lesson.words, lesson.tags, share, random)
    return Lesson(words, lesson.tags, lesson.labels, lesson.mentions)


def masked(batch: Batch, share: float) -> Batch:
    """The batch with a share of its pieces masked, so that their neighbours learn to serve."""
    inside = ~torch.isin(batch.pieces, torch.tensor([PAD, START, END]))
    chosen = inside & (torch.rand(batch.pieces.shape) < share)
    return batch._replace(pieces=batch.pieces.masked_fill(chosen, MASK))


def naming_loss(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean over words of the cross entropy of label logits with probabilities, (B, N, 182) both.

    Words whose probabilities are all 0 do not count. `smoothing` is the share of an even
    distribution that is mixed in.
    """
    logs = logits.log_softmax(-1)
    there = labels.sum(-1)  # (B, N), 1 or 0
    each = (1 - smoothing) * (labels * logs).sum(-1) + smoothing * there * logs.mean(-1)
    return -each.sum() / there.sum()
