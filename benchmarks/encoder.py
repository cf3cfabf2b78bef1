"""Retrieval by text: held-back narratives against their own scene among other real scenes.

    python -m benchmarks.encoder

Candidates are the label maps of the held-back and of the training photos of `coco_mini`. Recall
at k: the narrative's own scene is among the k best. IoU of the top five: between the labels of a
retrieved scene and those of the narrative's photo, the own scene left out. Baselines: tf-idf of
the words against the names of a scene's labels, and chance.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.encoder import DualEncoder, SceneMasks, batch_of, normalise
from segmentation.labels import NAMES
from trecs.training.data import Dataset, data_folder
from trecs.training.encoder_data import scene_of, things_of

ROOT = Path(__file__).parents[1]
KS = (1, 5, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--encoder", type=Path, default=ROOT / "checkpoints" / "encoder")
    args = parser.parse_args()

    dataset = Dataset(data_folder(args.data))
    encoder = DualEncoder.load(args.encoder)
    photos = [p for p in dataset.photos() if p.source == "coco"]
    things = things_of(dataset)
    scenes = [scene_of(photo, things.get(photo.name, [])) for photo in photos]
    place = {int(photo.name): i for i, photo in enumerate(photos)}
    narratives = dataset.narratives("held")
    own = np.array([place[n.image_id] for n in narratives])
    texts = [n.words for n in narratives]

    held = np.array([photo.held_back for photo in photos])
    for title, among in (("held-back scenes", held), ("all scenes", np.ones(len(photos), bool))):
        pool = np.flatnonzero(among)
        target = np.searchsorted(pool, own)
        chosen = [scenes[i] for i in pool]
        rows = {
            "dual encoder": encoder_scores(encoder, texts, chosen),
            "tf-idf of label names": tfidf_scores(texts, chosen),
            "chance": np.random.default_rng(0).random((len(texts), len(chosen))),
        }
        print(f"\n{len(texts)} held-back narratives, {len(chosen)} {title}")
        print(f"{'':24}" + "".join(f"{f'R@{k}':>8}" for k in KS) + "   top-5 label IoU")
        for name, scores in rows.items():
            ranks = (scores > scores[np.arange(len(target)), target][:, None]).sum(1)
            recalls = "".join(f"{np.mean(ranks < k):8.3f}" for k in KS)
            print(f"{name:24}{recalls}   {top_iou(scores, target, chosen):.3f}")


def encoder_scores(
    encoder: DualEncoder, texts: list[tuple[str, ...]], scenes: list[SceneMasks]
) -> NDArray[np.float64]:
    """Cosines (T, S)."""
    with torch.inference_mode():
        vectors = encoder.scene(*batch_of(scenes)).numpy()
    return np.stack([encoder.encode_text(words) for words in texts]).astype(np.float64) @ vectors.T


def tfidf_scores(texts: list[tuple[str, ...]], scenes: list[SceneMasks]) -> NDArray[np.float64]:
    """Cosines (T, S) of tf-idf vectors over the words of the label names."""
    documents = [
        Counter(w for i in np.unique(s.labels) for w in NAMES[i].split("-") if w != "other")
        for s in scenes
    ]
    words = sorted(set().union(*documents))
    column = {word: i for i, word in enumerate(words)}
    counts = np.array([[document[word] for word in words] for document in documents], float)
    rarity = np.log((1 + len(scenes)) / (1 + (counts > 0).sum(0))) + 1
    queries = np.zeros((len(texts), len(words)))
    for row, text in zip(queries, texts, strict=True):
        for word in map(normalise, text):
            for form in (word, word.removesuffix("s")):
                if form in column:
                    row[column[form]] += 1
                    break
    first, second = queries * rarity, counts * rarity
    first /= np.linalg.norm(first, axis=1, keepdims=True) + 1e-9
    second /= np.linalg.norm(second, axis=1, keepdims=True) + 1e-9
    return first @ second.T + 1e-9 * np.random.default_rng(0).random((len(texts), len(scenes)))


def top_iou(
    scores: NDArray[np.float64], target: NDArray[np.int64], scenes: list[SceneMasks]
) -> float:
    """The mean IoU of the five best other scenes' label sets with the own scene's."""
    sets = [set(scene.labels.tolist()) for scene in scenes]
    values = []
    for row, own in zip(scores, target, strict=True):
        best = [i for i in np.argsort(-row) if i != own][:5]
        values += [len(sets[i] & sets[own]) / len(sets[i] | sets[own]) for i in best]
    return float(np.mean(values))


if __name__ == "__main__":
    main()
