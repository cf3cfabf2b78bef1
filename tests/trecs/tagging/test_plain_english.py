from importlib import resources

import numpy as np
import pytest

from benchmarks.tagger import PLAIN_ENGLISH, read_sentences
from segmentation.labels import NAMES, value_of
from trecs.tagging.plain_english import PlainEnglish


@pytest.fixture(scope="module")
def english() -> PlainEnglish:
    return PlainEnglish.read()


def test_nouns_have_regular_given_or_no_plurals(english: PlainEnglish) -> None:
    plurals = {
        " ".join(noun.singular): " ".join(noun.plural)
        for nouns in english.nouns.values()
        for noun in nouns
    }
    expected = {"kitten": "kittens", "puppy": "puppies", "couch": "couches", "child": "children"}
    assert expected.items() <= plurals.items()
    assert plurals["snow"] == ""
    assert plurals["wine glass"] == "wine glasses"


def test_no_word_names_two_things_of_one_length(english: PlainEnglish) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for label, nouns in english.nouns.items():
        for noun in nouns:
            assert seen.setdefault(noun.singular, NAMES[label]) == NAMES[label]
            assert all(word.isascii() and word.isalnum() for word in noun.singular + noun.plural)


def test_sentences_label_their_nouns(english: PlainEnglish) -> None:
    known = english.words()
    for seed in range(200):
        words, labels = english.sentence(np.random.default_rng(seed))
        assert len(words) == len(labels)
        assert set(words) <= known
        named = set(labels.tolist())
        assert 1 <= len(named) <= 4
        assert all(0 <= label < len(NAMES) for label in named)


def test_every_word_of_a_sentence_goes_with_a_noun_of_it(english: PlainEnglish) -> None:
    for seed in range(50):
        words, labels = english.sentence(np.random.default_rng(seed))
        text = f" {' '.join(words)} "
        for label in set(labels.tolist()):
            nouns = [" ".join(p) for n in english.nouns[label] for p in (n.singular, n.plural) if p]
            assert any(f" {noun} " in text for noun in nouns)


def test_the_sentences_of_the_benchmark_are_not_in_the_file() -> None:
    text = resources.files("trecs.tagging").joinpath("plain_english.txt").read_text("utf-8")
    for words, labels in read_sentences(PLAIN_ENGLISH):
        assert labels
        assert " ".join(words).lower().strip(".,") not in text


def test_a_sentence_follows_from_its_seed(english: PlainEnglish) -> None:
    words, _ = english.sentence(np.random.default_rng(5))
    assert words == english.sentence(np.random.default_rng(5))[0]


def test_nouns_are_exchanged_within_label_and_number(english: PlainEnglish) -> None:
    words = "two dogs see a dog on the grass".split()
    labels = np.array([value_of("dog")] * 5 + [value_of("tree")] * 3)
    random = np.random.default_rng(0)
    changed = [english.exchanged(words, labels, 1.0, random) for _ in range(20)]
    assert {"puppies", "hounds"} & {sentence[1] for sentence in changed}
    assert {"puppy", "hound"} & {sentence[4] for sentence in changed}
    assert all(sentence[5:] == ("on", "the", "grass") for sentence in changed)
    assert english.exchanged(words, labels, 0.0, random) == tuple(words)
