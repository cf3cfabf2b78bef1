"""The tagger on the released dev narratives, beside the per-word majority, and on plain English.

python -m benchmarks.tagger [--checkpoint DIR] [--data DIR] [--labels] [--mistakes]
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from files.weights import BUNDLED
from segmentation.labels import COUNT, NAMES, value_of
from trecs.data.dataset import Dataset, TaggedNarrative, data_folder
from trecs.tagging.reading import reading
from trecs.tagging.tagger import Tagger, Tags

RUNS = 200
BINS = 15
PLAIN_ENGLISH = Path(__file__).with_name("plain_english.txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--labels", action="store_true", help="F1 of every label, not only of 20")
    parser.add_argument("--mistakes", action="store_true", help="show the plain sentences missed")
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
    tags = list(_in_batches(tagger, [n.words for n in dev]))
    _print_row("each word its likeliest label", [_likeliest(t) for t in tags], dev)
    _print_row("bundled tagger", [t.labels for t in tags], dev)
    as_read = [reading(n.words, t, tagger.knows) for n, t in zip(dev, tags, strict=True)]
    _print_row("bundled tagger, read by the grammar", [t.labels for t in as_read], dev)
    told = [_likeliest(t, among=set(n.tags.tolist())) for t, n in zip(tags, dev, strict=True)]
    _print_row("bundled tagger, told the true set of labels", told, dev)
    truth = np.concatenate([n.tags for n in dev])
    predicted = np.concatenate([t.labels for t in tags])
    error = calibration_error(np.concatenate([t.probabilities for t in tags]), predicted, truth)
    print(f"\nExpected calibration error, {BINS} bins: {error:.3f}")
    _print_labels(predicted, truth, everything=args.labels)

    sentences = read_sentences(PLAIN_ENGLISH)
    plain = list(_in_batches(tagger, [words for words, _ in sentences]))
    found = [set(t.labels.tolist()) for t in plain]
    likeliest = [set(_likeliest(t).tolist()) for t in plain]
    print(f"\nPlain English, label sets of {len(sentences)} hand-written sentences:\n")
    print("| tagger | precision | recall | micro F1 |")
    print("| --- | --- | --- | --- |")
    pairs = zip(sentences, plain, strict=True)
    as_read = [reading(words, t, tagger.knows) for (words, _), t in pairs]
    for name, sets in (
        ("each word its likeliest label", likeliest),
        ("bundled tagger", found),
        ("bundled tagger, read by the grammar", [set(t.labels.tolist()) for t in as_read]),
    ):
        precision, recall, f1 = set_scores(sets, [labels for _, labels in sentences])
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")
    for (sentence, labels), some in zip(sentences, found, strict=True):
        if args.mistakes and some != labels:
            print(f"- {' '.join(sentence)}: missed {_names(labels - some)}; found too")
            print(f"  {_names(some - labels)}")
    milliseconds = _latency(tagger, dev)
    threads = torch.get_num_threads()
    print(f"\n40 words, {threads} threads: median {milliseconds:.1f} ms of {RUNS} runs.")


def read_sentences(path: Path) -> list[tuple[list[str], set[int]]]:
    """The words of every sentence and the set of labels expected."""
    sentences = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            sentence, _, names = line.rpartition(":")
            sentences.append((sentence.split(), {value_of(name) for name in names.split()}))
    return sentences


def set_scores(
    found: Sequence[set[int]], expected: Sequence[set[int]]
) -> tuple[float, float, float]:
    """Precision, recall and F1 of labels found, all sentences counted together."""
    both = sum(len(f & e) for f, e in zip(found, expected, strict=True))
    named, wanted = sum(map(len, found)), sum(map(len, expected))
    return both / max(named, 1), both / max(wanted, 1), 2 * both / max(named + wanted, 1)


def calibration_error(
    probabilities: NDArray[np.float32], predicted: NDArray[np.uint8], truth: NDArray[np.uint8]
) -> float:
    """Mean distance of confidence and accuracy over BINS even bins, weighed by words.

    A word's confidence is the probability, of (N, C), of the label predicted.
    """
    confidence = probabilities[np.arange(len(predicted)), predicted]
    right = predicted == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    distances = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(distances))


def label_f1(predicted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.float64]:
    """F1 of every label over words, (182,); NaN for those that are neither said nor found."""
    right = np.bincount(truth[predicted == truth], minlength=COUNT)
    count = np.bincount(truth, minlength=COUNT) + np.bincount(predicted, minlength=COUNT)
    return np.where(count, 2 * right / np.maximum(count, 1), np.nan)


def _print_labels(
    predicted: NDArray[np.uint8], truth: NDArray[np.uint8], *, everything: bool
) -> None:
    f1 = label_f1(predicted, truth)
    count = np.bincount(truth, minlength=COUNT)
    labels = [label for label in np.argsort(f1) if count[label] >= 20 or everything]
    labels = [label for label in labels if count[label]]
    mean = np.mean([f1[label] for label in range(COUNT) if count[label] >= 20])
    print(f"Mean F1 of the labels with at least 20 words: {mean:.3f}")
    print(f"\n{'Labels' if everything else 'The 20 worst labels with at least 20 words'}:\n")
    print("| label | words | F1 |")
    print("| --- | --- | --- |")
    for label in labels if everything else labels[:20]:
        print(f"| {NAMES[label]} | {count[label]} | {f1[label]:.3f} |")


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


def _in_batches(tagger: Tagger, narratives: Sequence[Sequence[str]]) -> Iterator[Tags]:
    for start in range(0, len(narratives), 64):
        yield from tagger.tag_all(narratives[start : start + 64])


def _likeliest(tags: Tags, *, among: Set[int] = frozenset(range(COUNT))) -> NDArray[np.uint8]:
    """Of some labels each word's likeliest, (N,)."""
    allowed = np.array(sorted(among), np.uint8)
    result: NDArray[np.uint8] = allowed[tags.probabilities[:, allowed].argmax(1)]
    return result


def _print_row(
    name: str, predicted: Sequence[NDArray[np.uint8]], truth: Sequence[TaggedNarrative]
) -> None:
    right = sum(int((p == n.tags).sum()) for p, n in zip(predicted, truth, strict=True))
    accuracy = right / sum(len(n.tags) for n in truth)
    sets = [(set(p.tolist()), set(n.tags.tolist())) for p, n in zip(predicted, truth, strict=True)]
    iou = statistics.mean(len(p & t) / len(p | t) for p, t in sets)
    print(f"| {name} | {accuracy:.3f} | {iou:.3f} |")


def _names(labels: set[int]) -> str:
    return " ".join(NAMES[label] for label in sorted(labels)) or "nothing"


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
