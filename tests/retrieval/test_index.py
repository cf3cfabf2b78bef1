import faiss
import numpy as np
import pytest

from files.errors import InputError
from retrieval.index import EXACT_UP_TO, SceneIndex


@pytest.fixture
def vectors():
    found = np.random.default_rng(0).standard_normal((500, 16)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_an_exact_search_agrees_with_sorting(vectors):
    query = vectors[3] + 0.1 * vectors[9]
    found = SceneIndex(vectors).search(query, 7)
    assert [scene for scene, _ in found] == np.argsort(-vectors @ query)[:7].tolist()
    assert found[0][1] == pytest.approx(float(vectors[3] @ query), abs=1e-6)


def test_half_precision_is_enough_to_search(vectors):
    found = SceneIndex(vectors.astype(np.float16)).search(vectors[5], 3)
    assert found[0] == (5, pytest.approx(1, abs=1e-3))


def test_a_large_library_loses_few_of_the_nearest_scenes():
    rng = np.random.default_rng(0)
    kinds = rng.standard_normal((400, 12))
    drawn = kinds[rng.integers(400, size=EXACT_UP_TO + 1)]
    vectors = (drawn + 0.6 * rng.standard_normal(drawn.shape)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact, fast = SceneIndex(vectors, exact_up_to=len(vectors)), SceneIndex(vectors)
    assert type(exact._index) is faiss.IndexFlatIP
    assert type(fast._index) is faiss.IndexIVFFlat
    shares = []
    for query in vectors[:100] + 0.2 * vectors[100:200]:
        truth, found = ({i for i, _ in index.search(query, 10)} for index in (exact, fast))
        shares.append(len(truth & found) / 10)
    assert np.mean(shares) >= 0.99


class StandInGpu:
    """What `faiss-gpu` adds to faiss: resources and a copy of an index that lies on the GPU."""

    def __init__(self, monkeypatch, *, gpus=1, memory=True):
        self.copied = []
        self.memory = memory
        monkeypatch.setattr(faiss, "StandardGpuResources", lambda: "resources", raising=False)
        monkeypatch.setattr(faiss, "get_num_gpus", lambda: gpus, raising=False)
        monkeypatch.setattr(faiss, "index_cpu_to_gpu", self.copy, raising=False)

    def copy(self, resources, device, index):
        assert (resources, device) == ("resources", 0)
        if not self.memory:
            raise RuntimeError("cudaMalloc error out of memory")
        self.copied.append(index)
        return index


def test_a_gpu_searches_exactly_however_many_scenes(vectors, monkeypatch):
    gpu = StandInGpu(monkeypatch)
    index = SceneIndex(vectors, exact_up_to=100)
    assert gpu.copied == [index._index]
    assert index.search(vectors[7], 1)[0][0] == 7


@pytest.mark.parametrize("lack", [{"gpus": 0}, {"memory": False}])
def test_without_room_on_a_gpu_the_processor_searches(vectors, monkeypatch, lack):
    gpu = StandInGpu(monkeypatch, **lack)
    index = SceneIndex(vectors, exact_up_to=100)
    assert gpu.copied == []
    assert type(index._index) is faiss.IndexIVFFlat
    assert index.search(vectors[7], 1)[0][0] == 7


def test_no_more_scenes_are_found_than_there_are(vectors):
    assert len(SceneIndex(vectors[:3]).search(vectors[0], 10)) == 3


def test_a_vector_of_another_encoder_is_refused(vectors):
    with pytest.raises(InputError, match="have 8 numbers"):
        SceneIndex(vectors).search(vectors[0, :8], 5)
