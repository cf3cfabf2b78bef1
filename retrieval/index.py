"""Nearest scenes by inner product of embeddings, with FAISS."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import InputError

EXACT_UP_TO = 100_000  # scenes; an exact search of so many takes a few milliseconds


class SceneIndex:
    """An index over embeddings (S, D) float32 of unit length; built when first used.

    Exact up to 100,000 scenes; above, an HNSW graph (Malkov & Yashunin, 2018), which needs no
    training and finds nearly all neighbours (reconstructed; the paper does not say).
    """

    def __init__(self, embeddings: NDArray[np.float32]) -> None:
        import faiss

        self._index: Any = faiss.IndexFlatIP(embeddings.shape[1])
        if len(embeddings) > EXACT_UP_TO:
            self._index = faiss.IndexHNSWFlat(embeddings.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
            self._index.hnsw.efSearch = 64
        self._index.add(np.ascontiguousarray(embeddings, np.float32))

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The k entries with the largest inner product with a vector (D,), best first.

        Raises InputError where the vector has another dimension than the entries.
        """
        if vector.shape != (self._index.d,):
            raise InputError(
                f"The encoder's vectors have {vector.shape[-1]} numbers, the library's "
                f"embeddings {self._index.d}; build the library again with this encoder."
            )
        query = np.ascontiguousarray(vector, np.float32)[None]
        scores, found = self._index.search(query, min(k, self._index.ntotal))
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [(entry, score) for entry, score in pairs if entry >= 0]
