from itertools import pairwise, product

import numpy as np
import pytest

from trecs.data import constrained_viterbi
from trecs.data.constrained_viterbi import decode


def test_a_sequence_by_hand() -> None:
    # Words 1 and 3 say label 2, word 2 says label 5; a change costs 1, staying nothing.
    scores = np.array([[0.0, -3.0], [-1.5, 0.0], [0.0, -3.0]])
    transitions = np.full((6, 6), -1.0)
    np.fill_diagonal(transitions, 0.0)
    labels = np.array([2, 5])
    # 2 2 2: -1.5; 2 5 2: -2
    (path,) = decode([scores], transitions, [labels])
    assert path.tolist() == [2, 2, 2]
    (path,) = decode([scores], 0.5 * transitions, [labels])  # 2 5 2: -1
    assert path.tolist() == [2, 5, 2]


def test_transitions_go_from_row_to_column() -> None:
    transitions = np.zeros((2, 2))
    transitions[0, 1] = -9.0
    (path,) = decode([np.array([[0.0, -1.0], [-1.0, 0.0]])], transitions, [np.array([0, 1])])
    assert path.tolist() in ([0, 0], [1, 1])
    (path,) = decode([np.array([[-1.0, 0.0], [0.0, -1.0]])], transitions, [np.array([0, 1])])
    assert path.tolist() == [1, 0]


def test_only_labels_of_the_picture() -> None:
    scores = np.zeros((4, 1))
    (path,) = decode([scores], np.zeros((9, 9)), [np.array([8])])
    assert path.tolist() == [8, 8, 8, 8]
    assert path.dtype == np.uint8


def test_batches_of_all_lengths_are_as_good_as_every_sequence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(constrained_viterbi, "BATCH", 3)
    rng = np.random.default_rng(0)
    transitions = rng.normal(size=(9, 9))
    allowed = [rng.permutation(9)[: rng.integers(1, 4)] for _ in range(20)]
    scores = [rng.normal(size=(rng.integers(1, 6), len(some))) for some in allowed]
    for path, score, labels in zip(
        decode(scores, transitions, allowed), scores, allowed, strict=True
    ):
        sums = {}
        for places in product(range(len(labels)), repeat=len(score)):
            went = tuple(labels[list(places)].tolist())
            moved = sum(transitions[a, b] for a, b in pairwise(went))
            sums[went] = score[np.arange(len(score)), places].sum() + moved
        assert sums[tuple(path.tolist())] == pytest.approx(max(sums.values()))
