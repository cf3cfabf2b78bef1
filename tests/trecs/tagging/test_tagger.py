from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.tagger import PLAIN_ENGLISH, calibration_error, read_sentences, set_scores
from files.errors import InputError
from retrieval.words import UNKNOWN
from segmentation.labels import COUNT, NAMES
from trecs.tagging.network import TaggerConfig, TaggerNetwork
from trecs.tagging.tagger import Tagger, choose, label_transitions, posterior
from trecs.text.wordpieces import SPECIAL, WordPieces
from trecs.text.words import Vocabulary

PIECES = WordPieces((*SPECIAL, "a", "dog", "on", "the", "gra", "##ss", "##y"))
WORDS = Vocabulary((UNKNOWN, "grass"))


@pytest.fixture
def tiny() -> Tagger:
    torch.manual_seed(0)
    config = TaggerConfig.tiny(len(PIECES))
    return Tagger(config, PIECES, WORDS, TaggerNetwork(config))


@pytest.fixture(scope="module")
def bundled(checkpoints: Path) -> Tagger:
    return Tagger.load(checkpoints / "tagger")


def test_every_word_gets_a_label_and_probabilities(tiny: Tagger) -> None:
    tags = tiny.tag("A dog, on the xylophone 🐕".split())
    assert tags.labels.shape == (6,)
    assert tags.labels.dtype == np.uint8
    assert tags.probabilities.shape == (6, COUNT)
    assert tags.probabilities.dtype == np.float32
    np.testing.assert_allclose(tags.probabilities.sum(1), 1, atol=1e-5)
    assert (choose(tags.probabilities, tiny.config.least) == tags.labels).all()


def test_no_words_have_no_labels(tiny: Tagger) -> None:
    assert tiny.tag([]).probabilities.shape == (0, COUNT)


def test_unknown_words_only_are_refused_by_name(tiny: Tagger) -> None:
    with pytest.raises(InputError, match=r"'狗', '🐕'.* English"):
        tiny.tag(["狗", "🐕"])


def test_a_batch_gives_what_single_narratives_give(tiny: Tagger) -> None:
    narratives = [["dog"], [], "a dog on the grass".split(), ["the", "grass"]]
    for together, words in zip(tiny.tag_all(narratives), narratives, strict=True):
        np.testing.assert_allclose(together.probabilities, tiny.tag(words).probabilities, atol=1e-5)


def test_a_narrative_longer_than_bert_reads_is_read_in_stretches(tiny: Tagger) -> None:
    short = replace(tiny.config, positions=20)
    network = TaggerNetwork(short)
    network.load_state_dict(
        {
            name: tensor[:20] if name == "bert.position.weight" else tensor
            for name, tensor in tiny.network.state_dict().items()
        }
    )
    tagger = Tagger(replace(short, chain_weight=0.0), PIECES, WORDS, network)
    words = "a dog on the grassy grass".split() * 4  # 9 pieces each, 18 at once
    halves = tagger.tag_all([words[:12], words[12:]])
    alone = np.concatenate([tags.probabilities for tags in halves])
    np.testing.assert_allclose(tagger.tag(words).probabilities, alone, atol=1e-5)


def test_words_of_the_training_are_known_though_bert_has_only_their_pieces(tiny: Tagger) -> None:
    tiny.check(["Grass!"])
    tiny.check(["dog"])
    with pytest.raises(InputError, match="known"):
        tiny.check(["grassy"])


def test_a_tagger_survives_its_folder(tiny: Tagger, tmp_path: Path) -> None:
    tiny.save(tmp_path)
    words = "a dog on the grass".split()
    expected = tiny.tag(words).probabilities
    loaded = Tagger.load(tmp_path)
    np.testing.assert_array_equal(loaded.tag(words).probabilities, expected)
    assert loaded.words == WORDS


def test_files_of_different_trainings_are_refused(tiny: Tagger, tmp_path: Path) -> None:
    tiny.save(tmp_path)
    WordPieces((*SPECIAL, "a")).write(tmp_path)
    with pytest.raises(InputError, match="one training"):
        Tagger.load(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No tagger in"):
        Tagger.load(tmp_path / "nowhere")


def test_the_chain_sums_over_all_paths() -> None:
    random = np.random.default_rng(0)
    emissions = np.log(random.dirichlet(np.ones(3), 4)).astype(np.float32)
    transitions = np.log(random.dirichlet(np.ones(3), 3)).astype(np.float32)
    expected = np.zeros((4, 3))
    for path in product(range(3), repeat=4):
        weight = np.exp(sum(emissions[n, c] for n, c in enumerate(path)))
        weight *= np.exp(sum(transitions[a, b] for a, b in pairwise(path)))
        expected[range(4), path] += weight
    expected /= expected.sum(1, keepdims=True)
    np.testing.assert_allclose(posterior(emissions, transitions), expected, atol=1e-5)


def test_the_chain_stays_finite_over_long_narratives() -> None:
    emissions = np.log(np.random.default_rng(0).dirichlet(np.full(COUNT, 0.01), 1000) + 1e-45)
    result = posterior(emissions.astype(np.float32), np.zeros((COUNT, COUNT), np.float32))
    np.testing.assert_allclose(result.sum(1), 1, atol=1e-5)


def test_the_chain_smooths_a_lone_doubtful_label(tiny: Tagger) -> None:
    person, tree = 0, NAMES.index("tree")
    emissions = np.full((5, COUNT), np.log(0.001), np.float32)
    emissions[:, person] = np.log(0.6)
    emissions[2, [person, tree]] = np.log([0.4, 0.45])
    transitions = label_transitions([np.zeros(500, np.uint8), np.full(50, tree, np.uint8)])
    assert emissions[2].argmax() == tree
    assert posterior(emissions, transitions)[2].argmax() == person


def test_a_label_that_is_clear_nowhere_is_not_chosen() -> None:
    probabilities = np.array([[0.6, 0.4, 0.0], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3]], np.float32)
    assert choose(probabilities, 0.4).tolist() == [0, 2, 1]
    assert choose(probabilities, 0.45).tolist() == [0, 2, 0]


def test_of_labels_that_are_nowhere_clear_the_likeliest_is_chosen() -> None:
    probabilities = np.array([[0.3, 0.4, 0.3], [0.35, 0.34, 0.31]], np.float32)
    assert choose(probabilities, 0.9).tolist() == [1, 1]


def test_transitions_are_counted_with_add_one_smoothing() -> None:
    transitions = np.exp(label_transitions([np.array([0, 0, 3], np.uint8)]))
    assert transitions[0, 0] == pytest.approx(2 / (COUNT + 2))
    assert transitions[0, 3] == pytest.approx(2 / (COUNT + 2))
    assert transitions[0, 1] == pytest.approx(1 / (COUNT + 2))
    assert transitions[5, 7] == pytest.approx(1 / COUNT)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "two cats on a red sofa, a lamp behind them",
            {"cats": "cat", "sofa,": "couch", "lamp": "light"},
        ),
        (
            "A dog runs on the beach near the sea.",
            {"dog": "dog", "runs": "dog", "sea.": "sea"},
        ),
        (
            "a man rides a horse in front of a mountain",
            {"man": "person", "horse": "horse", "mountain": "mountain"},
        ),
        ("a kitten sleeps on the bed", {"kitten": "cat", "bed": "bed"}),
        ("kids with a puppy in the snow", {"kids": "person", "puppy": "dog", "snow": "snow"}),
        ("lady", {"lady": "person"}),
        ("a boat on the ocean under a blue sky", {"boat": "boat", "sky": "sky-other"}),
        (
            "in this image there is a giraffe and in the background there are trees",
            {"giraffe": "giraffe", "trees": "tree"},
        ),
    ],
)
def test_the_bundled_tagger_understands_everyday_english(
    bundled: Tagger, sentence: str, expected: dict[str, str]
) -> None:
    words = sentence.split()
    found = dict(zip(words, (NAMES[i] for i in bundled.tag(words).labels), strict=True))
    assert {word: found[word] for word in expected} == expected


def test_the_bundled_tagger_guesses_a_word_it_does_not_know(bundled: Tagger) -> None:
    words = "a dog and a zzyzx dog".split()
    assert not bundled.words.find("zzyzx")
    assert NAMES[bundled.tag(words).labels[-1]] == "dog"


def test_the_bundled_tagger_takes_the_longest_narrative(bundled: Tagger) -> None:
    assert bundled.tag(["dog", "xyzzy"] * 500).labels.shape == (1000,)


def test_the_bundled_configuration_is_the_default(bundled: Tagger) -> None:
    assert bundled.config == TaggerConfig(len(bundled.pieces))


def test_the_bundled_tagger_is_small(checkpoints: Path) -> None:
    assert sum(path.stat().st_size for path in (checkpoints / "tagger").iterdir()) <= 24e6


def test_the_bundled_tagger_finds_the_labels_of_plain_english(bundled: Tagger) -> None:
    sentences = read_sentences(PLAIN_ENGLISH)
    found = [set(bundled.tag(words).labels.tolist()) for words, _ in sentences]
    assert len(sentences) >= 150
    assert set_scores(found, [labels for _, labels in sentences])[2] >= 0.9


def test_calibration_is_judged_by_the_probability_of_what_was_chosen() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.7, 0.3], [0.6, 0.4]], np.float32)
    predicted, truth = np.array([0, 0, 0, 1], np.uint8), np.array([0, 1, 0, 0], np.uint8)
    expected = (2 * abs(0.9 - 0.5) + abs(0.7 - 1) + abs(0.4 - 0)) / 4
    assert calibration_error(probabilities, predicted, truth) == pytest.approx(expected, abs=1e-6)
