"""Nearest scenes by inner product of embeddings, with FAISS."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError

EXACT_UP_TO = 100_000  # scenes; an exact search of so many takes a few milliseconds
PER_LIST = 120  # scenes, about, in each cell of an inverted file
SHARE_SEARCHED = 4  # one cell of so many


class SceneIndex:
    """An index over embeddings (S, D), float16 or float32; built when first used.

    Exact up to 100,000 scenes, and for any number on a GPU, where `faiss-gpu` is installed and
    finds one. Else an inverted file (Sivic & Zisserman, 2003), which is built in seconds where a
    graph takes minutes (reconstructed; the paper does not say).
    """

    def __init__(self, embeddings: NDArray[np.floating], *, exact_up_to: int = EXACT_UP_TO) -> None:
        import faiss

        vectors = np.ascontiguousarray(embeddings, np.float32)
        exact = faiss.IndexFlatIP(vectors.shape[1])
        exact.add(vectors)
        self._index: Any = _on_gpu(exact)
        if self._index is None:
            self._index = exact if len(vectors) <= exact_up_to else _inverted_file(vectors)

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The k entries with the largest inner product with a vector (D,), best first.

        Raises InputError where the vector has another dimension than the entries.
        """
        if vector.shape != (self._index.d,):
            raise InputError(
                f"The encoder's vectors have {vector.shape[-1]} numbers, the library's "
                f"embeddings {self._index.d}; embed the library again with `trecs library embed`."
            )
        query = np.ascontiguousarray(vector, np.float32)[None]
        scores, found = self._index.search(query, min(k, self._index.ntotal))
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [(entry, score) for entry, score in pairs if entry >= 0]


def _on_gpu(index: Any) -> Any:
    """An index copied to the first GPU; None without one, or where it does not fit there."""
    import faiss

    if not hasattr(faiss, "StandardGpuResources") or not faiss.get_num_gpus():
        return None
    try:
        return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    except RuntimeError:
        return None


def _inverted_file(vectors: NDArray[np.float32]) -> Any:
    import faiss

    lists = max(len(vectors) // PER_LIST, 1)
    dimension = vectors.shape[1]
    coarse = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFFlat(coarse, dimension, lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter, index.cp.max_points_per_centroid = 8, 64  # enough, and three times as fast
    index.nprobe = max(lists // SHARE_SEARCHED, 1)
    index.train(vectors)
    index.add(vectors)
    return index
