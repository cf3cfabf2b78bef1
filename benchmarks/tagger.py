"""The tagger on the released dev narratives, beside the per-word majority; prints tables.

python -m benchmarks.tagger [--checkpoint DIR] [--data DIR]
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.weights import BUNDLED
from segmentation.labels import NAMES
from trecs.tagger import Tagger, Tags
from trecs.training.data import Dataset, TaggedNarrative, data_folder

RUNS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    dataset = Dataset(data_folder(args.data))
    dev = dataset.narratives("dev")
    tagger = Tagger.load(args.checkpoint / "tagger")
    words = sum(len(narrative.words) for narrative in dev)
    print(f"{len(dev)} dev narratives, {words:,} words. Label-set IoU: the mean over narratives of")
    print("|predicted ∩ true| / |predicted ∪ true| of the sets of labels.\n")
    print("| tagger | token accuracy | label-set IoU |")
    print("| --- | --- | --- |")
    _print_row("most frequent label of each word", _majority(dataset.narratives("train"), dev), dev)
    network = [tags.labels for tags in _in_batches(tagger, dev)]
    _print_row("bundled tagger", network, dev)
    right, labelled = _everyday(tagger)
    print(f"\nEveryday English, hand-written sentences: {right} of {labelled} words right.")
    milliseconds = _latency(tagger, dev)
    threads = torch.get_num_threads()
    print(f"\n40 words, {threads} threads: median {milliseconds:.1f} ms of {RUNS} runs.")


def _majority(
    train: Sequence[TaggedNarrative], dev: Sequence[TaggedNarrative]
) -> list[NDArray[np.uint8]]:
    """Each word's most frequent label in training; the most frequent of all for other words."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for narrative in train:
        for word, tag in zip(narrative.words, narrative.tags.tolist(), strict=True):
            counts[word][tag] += 1
    usual = sum(counts.values(), Counter()).most_common(1)[0][0]
    best = {word: labels.most_common(1)[0][0] for word, labels in counts.items()}
    return [np.array([best.get(w, usual) for w in n.words], np.uint8) for n in dev]


def _in_batches(tagger: Tagger, narratives: Sequence[TaggedNarrative]) -> Iterator[Tags]:
    for start in range(0, len(narratives), 64):
        yield from tagger.tag_all([n.words for n in narratives[start : start + 64]])


def _print_row(
    name: str, predicted: Sequence[NDArray[np.uint8]], truth: Sequence[TaggedNarrative]
) -> None:
    right = sum(int((p == n.tags).sum()) for p, n in zip(predicted, truth, strict=True))
    accuracy = right / sum(len(n.tags) for n in truth)
    sets = [(set(p.tolist()), set(n.tags.tolist())) for p, n in zip(predicted, truth, strict=True)]
    iou = statistics.mean(len(p & t) / len(p | t) for p, t in sets)
    print(f"| {name} | {accuracy:.3f} | {iou:.3f} |")


def _everyday(tagger: Tagger) -> tuple[int, int]:
    """Of the labelled words of `everyday_english.txt`, how many are right, and how many are."""
    right = labelled = 0
    text = Path(__file__).with_name("everyday_english.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        pairs = [word.partition("/") for word in line.split()]
        labels = tagger.tag([word for word, _, _ in pairs]).labels
        for (_, _, name), label in zip(pairs, labels, strict=True):
            labelled += bool(name)
            right += name == NAMES[label]
    return right, labelled


def _latency(tagger: Tagger, narratives: Sequence[TaggedNarrative]) -> float:
    """Median milliseconds to tag 40 words, one narrative after the other."""
    stream = [word for narrative in narratives for word in narrative.words]
    seconds = []
    for run in range(RUNS + 10):
        words = stream[40 * run : 40 * run + 40]
        start = time.perf_counter()
        tagger.tag(words)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds[10:])


if __name__ == "__main__":
    main()
