import numpy as np
import pytest

from retrieval import index
from segmentation.errors import InputError


@pytest.fixture
def vectors():
    found = np.random.default_rng(0).standard_normal((500, 16)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_an_exact_search_agrees_with_sorting(vectors):
    query = vectors[3] + 0.1 * vectors[9]
    found = index.SceneIndex(vectors).search(query, 7)
    assert [scene for scene, _ in found] == np.argsort(-vectors @ query)[:7].tolist()
    assert found[0][1] == pytest.approx(float(vectors[3] @ query), abs=1e-6)


def test_a_large_library_is_searched_by_a_graph(vectors, monkeypatch):
    monkeypatch.setattr(index, "EXACT_UP_TO", 100)
    graph = index.SceneIndex(vectors)
    hits = [graph.search(vector, 1)[0][0] == i for i, vector in enumerate(vectors)]
    assert np.mean(hits) > 0.98


def test_no_more_scenes_are_found_than_there_are(vectors):
    assert len(index.SceneIndex(vectors[:3]).search(vectors[0], 10)) == 3


def test_a_vector_of_another_encoder_is_refused(vectors):
    with pytest.raises(InputError, match="have 8 numbers"):
        index.SceneIndex(vectors).search(vectors[0, :8], 5)
