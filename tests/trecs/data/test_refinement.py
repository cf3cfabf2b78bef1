from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import COUNT, value_of
from trecs.data.refinement import (
    LabelRefiner,
    NoisyNarrative,
    RefinerConfig,
    emissions,
    tf_idf,
    transitions,
)

DOG, GRASS, SKY = value_of("dog"), value_of("grass"), value_of("sky-other")


def told(words: str, labels: list[int], present: tuple[int, ...] = (DOG, GRASS)) -> NoisyNarrative:
    return NoisyNarrative(
        tuple(words.split()), np.array(labels, np.uint8), np.array(present, np.uint8)
    )


def test_tf_idf_by_hand() -> None:
    values, narratives = np.array([0, 0, 1, 0, 2, 2]), np.array([0, 0, 0, 1, 1, 1])
    weights = tf_idf(values, narratives, 4)
    # 0: 3 of 6 tokens, in both of 2 narratives; 1: one token; 2: two tokens, in one narrative
    expected = [0.5 * np.log(2), np.log(3) / 6, np.log(3) / 3, np.log(3) / 6]
    assert weights == pytest.approx(expected)


def test_emissions_by_hand() -> None:
    chances = np.array([[0.5, 0.0], [0.25, 0.0], [0.25, 0.0]])
    emitted = emissions(chances, np.array([1.0, 2.0, 4.0]))
    assert emitted[:, 0] == pytest.approx([0.25, 0.25, 0.5])  # 0.5, 0.5 and 1 of 2
    assert emitted[:, 1].tolist() == [0, 0, 0]


def test_transitions_by_hand() -> None:
    moved = transitions(np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([1.0, 2.0]))
    assert moved[0] == pytest.approx([4 / 6, 2 / 6])  # (3 + 1) 1 and (0 + 1) 2
    assert moved[1] == pytest.approx([1 / 3, 2 / 3])


CORPUS = [
    told("a dog runs", [DOG, DOG, DOG]),
    told("the green grass", [GRASS, GRASS, GRASS]),
    told("a dog and the green grass", [GRASS, DOG, GRASS, GRASS, GRASS, GRASS]),
    told("the green grass", [DOG, GRASS, GRASS]),
]


def test_statistics_are_those_of_the_formula() -> None:
    refiner = LabelRefiner.fit(CORPUS, RefinerConfig(radius=0, iterations=1))
    number = {word: i for i, word in enumerate(refiner.vocabulary.words)}
    emitted, moved = np.exp(refiner.emissions), np.exp(refiner.transitions)
    # Of 5 words under DOG: dog twice, a, runs and the once each; 15 tokens in 4 narratives
    alpha = {"a": 2 * np.log(3), "dog": 2 * np.log(3), "runs": np.log(5), "the": 3 * np.log(7 / 3)}
    near_dog = {"a": 1, "dog": 2, "runs": 1, "the": 1}
    total = sum(alpha[word] * near_dog[word] for word in alpha)
    for word in alpha:
        assert emitted[number[word], DOG] == pytest.approx(alpha[word] * near_dog[word] / total)
    assert emitted[number["grass"], DOG] == pytest.approx(0)
    assert emitted[number["dog"]].sum() == pytest.approx(emitted[number["dog"], DOG])
    # DOG -> DOG twice, DOG -> GRASS twice; what never occurs weighs as what occurs once
    weights = np.full(COUNT, np.log(5) / 15)
    weights[DOG], weights[GRASS] = 5 / 15 * np.log(7 / 3), 10 / 15 * np.log(7 / 3)
    row = weights * np.where(np.isin(np.arange(COUNT), [DOG, GRASS]), 3, 1)
    assert moved[DOG] == pytest.approx(row / row.sum(), rel=1e-4)


def test_words_overrule_a_stray_trace() -> None:
    corpus = CORPUS * 5
    refiner = LabelRefiner.fit(corpus, RefinerConfig())
    refined = refiner.refine(CORPUS)
    assert refined[3].tolist() == [GRASS, GRASS, GRASS]
    assert refined[2].tolist() == [DOG, DOG, DOG, GRASS, GRASS, GRASS] or refined[2][1] == DOG


def test_labels_are_those_of_the_picture() -> None:
    refiner = LabelRefiner.fit(CORPUS, RefinerConfig())
    (refined,) = refiner.refine([told("a dog runs", [SKY, SKY, SKY], (GRASS, SKY))])
    assert set(refined.tolist()) <= {GRASS, SKY}


def test_unknown_words_and_empty_statistics_leave_the_choice_to_the_others() -> None:
    refiner = LabelRefiner.fit(CORPUS[:2], RefinerConfig())
    (refined,) = refiner.refine([told("zebra dog zebra", [GRASS, GRASS, GRASS])])
    assert refined.tolist() == [DOG, DOG, DOG]


def test_odds_of_the_trace() -> None:
    words = told("zebra zebra", [GRASS, GRASS])
    paper = LabelRefiner.fit(CORPUS[:1], RefinerConfig())
    assert paper.refine([words])[0].tolist() == [DOG, DOG]
    # Odds beyond t(DOG|DOG) / t(GRASS|GRASS) let the trace decide
    ratio = np.exp(paper.transitions[DOG, DOG] - paper.transitions[GRASS, GRASS])
    for odds, expected in ((0.9 * np.sqrt(ratio), DOG), (1.1 * np.sqrt(ratio), GRASS)):
        config = replace(paper.config, hull_odds=float(odds))
        assert replace(paper, config=config).refine([words])[0].tolist() == [expected] * 2


def test_save_and_load(tmp_path: Path) -> None:
    refiner = LabelRefiner.fit(CORPUS, RefinerConfig.with_trace())
    refiner.save(tmp_path)
    loaded = LabelRefiner.load(tmp_path)
    assert loaded.config == RefinerConfig.with_trace()
    for first, second in zip(refiner.refine(CORPUS), loaded.refine(CORPUS), strict=True):
        assert first.tolist() == second.tolist()
    (tmp_path / "vocab.txt").write_text("<unk>\n")
    with pytest.raises(InputError, match="have the shapes"):
        LabelRefiner.load(tmp_path)
