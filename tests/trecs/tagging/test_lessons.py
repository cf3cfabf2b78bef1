import numpy as np
import pytest
import torch

from retrieval.words import UNKNOWN
from segmentation.labels import COUNT
from trecs.tagging import lessons
from trecs.tagging.lessons import Exercise, Lesson
from trecs.tagging.network import Batch, TaggerConfig, TaggerNetwork
from trecs.tagging.plain_english import Noun, PlainEnglish
from trecs.tagging.tagger import Tagger
from trecs.text.wordpieces import END, MASK, PAD, SPECIAL, START, WordPieces
from trecs.text.words import Vocabulary

PIECES = WordPieces((*SPECIAL, "dog", "##s", "cat"))


def test_tags_are_certain_until_another_opinion_is_heard() -> None:
    lesson = Lesson.of(["a", "dog"], np.array([0, 17], np.uint8))
    assert lesson.labels.shape == (2, COUNT)
    assert lesson.labels[[0, 1], [0, 17]].tolist() == [1, 1]
    assert np.flatnonzero(lesson.mentions).tolist() == [0, 17]
    both = lesson.with_opinion(
        np.full((2, COUNT), 1 / COUNT, np.float32), np.zeros(COUNT, np.float32), 0.25
    )
    assert both.labels[1, 17] == pytest.approx(0.75 + 0.25 / COUNT)
    assert both.labels[1, 0] == pytest.approx(0.25 / COUNT)
    assert both.mentions[17] == 0.75
    assert both.tags.tolist() == [0, 17]


def test_opinions_are_those_of_each_text_alone_in_the_order_given() -> None:
    torch.manual_seed(0)
    config = TaggerConfig.tiny(len(PIECES))
    tagger = Tagger(config, PIECES, Vocabulary((UNKNOWN,)), TaggerNetwork(config))
    texts = [["dogs", "cat", "cat"], ["cat"], ["dog", "dogs"]]
    for text, together in zip(texts, lessons.opinions(tagger, texts), strict=True):
        (alone,) = lessons.opinions(tagger, [text])
        assert together.words.shape == (len(text), COUNT)
        np.testing.assert_allclose(together.words, alone.words, atol=1e-5)
        np.testing.assert_allclose(together.mentions, alone.mentions, atol=1e-5)


def test_exchanged_nouns_keep_what_is_said_of_them() -> None:
    english = PlainEnglish({17: (Noun(17, ("dog",), ()), Noun(17, ("puppy",), ()))}, {})
    lesson = Lesson.of(["dog"], np.array([17]))
    random = np.random.default_rng(0)
    found = [lessons.exchanged(lesson, english, 1.0, random) for _ in range(20)]
    assert {word for other in found for word in other.words} == {"dog", "puppy"}
    assert all(other.labels is lesson.labels for other in found)


def test_every_narrative_comes_once_an_epoch() -> None:
    batches = lessons.order([5, 40, 6, 41, 7, 42, 8], batch=2, seed=1)
    assert [len(batch) for batch in batches] == [2, 2, 2]
    assert len(set(np.concatenate(batches))) == 6
    again = lessons.order([5, 40, 6, 41, 7, 42, 8], batch=2, seed=2)
    assert {7 * 3 - sum(np.concatenate(b)) for b in (batches, again)} <= set(range(7))


def test_all_narratives_come_where_they_make_no_whole_batch() -> None:
    assert sorted(lessons.order([5, 40, 6], batch=4, seed=1)[0]) == [0, 1, 2]


def test_only_pieces_of_words_are_masked() -> None:
    pieces = WordPieces((*SPECIAL, "dog"))
    batch = Batch.of(pieces, [["dog", "dog"], ["dog"]])
    masked = lessons.masked(batch, 1.0).pieces.tolist()
    assert masked == [[START, MASK, MASK, END], [START, MASK, END, PAD]]
    assert torch.equal(lessons.masked(batch, 0.0).pieces, batch.pieces)


def test_targets_are_padded_with_nothing() -> None:
    one, two = (Lesson.of(["dog"] * n, np.full(n, 17)) for n in (1, 2))
    exercise = Exercise.of(WordPieces((*SPECIAL, "dog")), [one, two])
    _, labels, mentions = exercise
    assert labels.shape == (2, 2, COUNT)
    assert labels.sum(-1).tolist() == [[1, 0], [1, 1]]
    assert mentions[:, 17].tolist() == [1, 1]
    first = exercise.taken(slice(1))
    assert first.texts.lengths.tolist() == [1]
    assert first.labels.sum(-1).tolist() == [[1, 0]]


def test_the_naming_loss_counts_words_and_not_padding() -> None:
    logits = torch.tensor([[[0.0, 0.0], [5.0, 0.0]], [[np.log(3), 0.0], [0.0, 0.0]]])
    labels = torch.tensor([[[1.0, 0.0], [0.0, 0.0]], [[0.5, 0.5], [0.0, 0.0]]])
    expected = (np.log(2) - 0.5 * np.log(0.75) - 0.5 * np.log(0.25)) / 2
    assert lessons.naming_loss(logits, labels).item() == pytest.approx(expected, abs=1e-6)


def test_smoothing_is_that_of_torch() -> None:
    torch.manual_seed(0)
    logits, truth = torch.randn(1, 4, 7), torch.tensor([[3, 0, 6, 6]])
    labels = torch.nn.functional.one_hot(truth, 7).float()
    expected = torch.nn.functional.cross_entropy(logits[0], truth[0], label_smoothing=0.1)
    found = lessons.naming_loss(logits, labels, smoothing=0.1)
    assert found.item() == pytest.approx(expected.item(), abs=1e-6)
