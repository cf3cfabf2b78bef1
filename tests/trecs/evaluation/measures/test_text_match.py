import numpy as np
import pytest

from trecs.evaluation.measures.text_match import (
    draw_strangers,
    r_precision,
    visual_semantic_similarity,
)


def test_visual_semantic_similarity_is_the_cosine():
    pictures, texts = (
        np.array([[3.0, 4.0], [1, 0], [0, 0]]),
        np.array([[4.0, 3.0], [-2, 0], [1, 1]]),
    )
    assert visual_semantic_similarity(pictures, texts) == pytest.approx([24 / 25, -1, 0])


def test_visual_semantic_similarity_agrees_with_torch():
    functional = pytest.importorskip("torch").nn.functional
    torch = pytest.importorskip("torch")
    pictures, texts = np.random.default_rng(0).normal(size=(2, 5, 8))
    expected = functional.cosine_similarity(torch.from_numpy(pictures), torch.from_numpy(texts))
    assert visual_semantic_similarity(pictures, texts) == pytest.approx(expected.numpy())


def test_r_precision():
    texts = np.array([[1.0, 0], [0, 1], [1, 1]])
    pictures = np.array([[5.0, 1], [5, 1], [1, 1]])
    own, strangers = np.array([0, 1, 2]), np.array([[1, 2], [0, 2], [0, 1]])
    assert r_precision(pictures, texts, own, strangers).tolist() == [True, False, True]


def test_who_sees_nothing_scores_nothing():
    same = np.ones((4, 3))
    own = np.arange(4)
    assert not r_precision(same, same, own, draw_strangers(own, own)).any()


def test_chance_is_one_in_a_hundred():
    rng = np.random.default_rng(0)
    own = np.arange(3000)
    texts, pictures = rng.normal(size=(2, 3000, 16))
    hits = r_precision(pictures, texts, own, draw_strangers(own, own))
    assert hits.mean() == pytest.approx(0.01, abs=0.005)


def test_strangers_are_of_other_photos_and_the_same_for_a_seed():
    photos = np.repeat(np.arange(60), 2)
    own = np.arange(120)
    strangers = draw_strangers(photos, own, seed=3)
    assert strangers.shape == (120, 99)
    assert (photos[strangers] != photos[own][:, None]).all()
    assert all(len(set(row)) == 99 for row in strangers.tolist())
    assert np.array_equal(strangers, draw_strangers(photos, own, seed=3))
    assert not np.array_equal(strangers, draw_strangers(photos, own, seed=4))


def test_few_texts_give_fewer_strangers():
    assert draw_strangers(np.array([0, 0, 0, 1, 2]), np.array([0, 3])).shape == (2, 2)
    assert draw_strangers(np.array([0, 0]), np.array([0, 1])).shape == (2, 0)
