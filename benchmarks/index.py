"""How well and how fast a large library is searched: recall@10 of the exact search, and times.

    python -m benchmarks.index [--scenes 120000] [--checkpoint DIR] [--data DIR]

The scenes are made of two scenes of the bundled library each, some masks of either, and embedded
by the encoder. The queries are the held-back narratives of `dev`, embedded with the tagger's label
weights. Times are medians over the queries, one at a time.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from retrieval.index import EXACT_UP_TO, SceneIndex
from retrieval.library import SceneLibrary
from retrieval.scene_side import SceneMasks, batch_of
from trecs.data.dataset import Dataset, data_folder
from trecs.tagging.tagger import Tagger

K = 10
QUERIES = 300
AT_ONCE = 2000
KEPT = 0.6  # of each of the two scenes' masks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=120_000)
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    encoder = DualEncoder.load(args.checkpoint / "encoder")
    tagger = Tagger.load(args.checkpoint / "tagger")
    vectors = embedded(encoder, SceneLibrary.open(args.checkpoint / "library"), args.scenes)
    narratives = Dataset(data_folder(args.data)).narratives("dev")[:QUERIES]
    queries = [encoder.encode_text(n.words, tagger.tag(n.words).probabilities) for n in narratives]

    started = time.perf_counter()
    exact = SceneIndex(vectors, exact_up_to=len(vectors))
    exact_built = time.perf_counter() - started
    started = time.perf_counter()
    index = SceneIndex(vectors)
    built = time.perf_counter() - started
    truth, exact_ms = searched(exact, queries)
    found, ms = searched(index, queries)
    recall = np.mean([len(a & b) / K for a, b in zip(truth, found, strict=True)])
    print(f"{len(vectors):,} scenes of {vectors.shape[1]} numbers, {len(queries)} queries\n")
    print("| index | recall@10 | a search, ms | built in, s |\n| --- | ---: | ---: | ---: |")
    print(f"| exact | 1.000 | {exact_ms:.2f} | {exact_built:.1f} |")
    print(f"| as used above {EXACT_UP_TO:,} scenes | {recall:.3f} | {ms:.2f} | {built:.1f} |")


def embedded(encoder: DualEncoder, library: SceneLibrary, count: int) -> NDArray[np.float16]:
    """Embeddings (count, D) of scenes that are made up of two of the library's each."""
    rng = np.random.default_rng(0)
    parts = []
    for start in range(0, count, AT_ONCE):
        scenes = []
        for pair in rng.integers(library.scene_count, size=(min(AT_ONCE, count - start), 2)):
            masks = np.concatenate([library.masks_of(int(scene)) for scene in pair])
            masks = masks[rng.random(len(masks)) < KEPT]
            scenes.append(
                SceneMasks(library.labels[masks], library.boxes[masks], library.areas[masks])
            )
        with torch.inference_mode():
            parts.append(encoder.scene(*batch_of(scenes)).numpy().astype(np.float16))
    return np.concatenate(parts)


def searched(index: SceneIndex, queries: list[NDArray[np.float32]]) -> tuple[list[set[int]], float]:
    """The ten nearest scenes of every query, and the median time of a search in ms."""
    found, times = [], []
    for query in queries:
        started = time.perf_counter()
        nearest = index.search(query, K)
        times.append((time.perf_counter() - started) * 1000)
        found.append({scene for scene, _ in nearest})
    return found, statistics.median(times)


if __name__ == "__main__":
    main()
