"""How well label refinement recovers the released tags from simulated traces, and how fast.

    python -m benchmarks.refiner [--data DIR] [--speed N]

Quality: every narrative whose photo is in the data gets a simulated trace (`trecs.data.annotator`);
its words are labelled by the hulls of that trace, refined, and compared with the released tags.
The statistics are learned from these noisy labels alone, all at once. Token accuracy on the
narratives of training photos, on which the numbers of `RefinerConfig` were chosen, and on those
of held-back photos; in brackets the 95 % bootstrap interval over narratives.

Speed: N narratives of 40 words (default 10,000), cut from the same ones, with their traces in
memory: hull labels, statistics, refined labels. Seconds on the clock and of the processor.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import UNLABELED
from trecs.data.annotator import simulate
from trecs.data.dataset import Dataset, data_folder
from trecs.data.hull_labels import PHRASE_SECONDS, hull_labels
from trecs.data.photo_masks import PhotoMasks
from trecs.data.refinement import LabelRefiner, NoisyNarrative, RefinerConfig
from trecs.narrative import Narrative

WORDS = 40


@dataclass(frozen=True, eq=False)
class Case:
    """A narrative with its simulated trace, its photo's labels and its released tags."""

    told: Narrative
    label_map: NDArray[np.uint8]
    present: NDArray[np.uint8]
    tags: NDArray[np.uint8]
    held_back: bool


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--speed", type=int, metavar="N", default=10_000)
    args = parser.parse_args()
    cases = read(Dataset(data_folder(args.data)))
    print("| labels | training photos | held-back photos | all |\n| --- | --- | --- | --- |")
    parts = [[not c.held_back for c in cases], [c.held_back for c in cases], [True] * len(cases)]
    for name, labels in rows(cases).items():
        right = [found == case.tags for found, case in zip(labels, cases, strict=True)]
        print(f"| {name} | {' | '.join(accuracy(right, part) for part in parts)} |")
    counts = ", ".join(str(sum(part)) for part in parts)
    print(f"\nNarratives: {counts}.\n\n| step | seconds | of the processor |\n| --- | --- | --- |")
    long = [case for case in cases if len(case.told.words) >= WORDS]
    many = [cut(long[i % len(long)]) for i in range(args.speed)]
    for step, clock, processor in timed(many):
        print(f"| {step} | {clock:.1f} | {processor:.1f} |")


def read(dataset: Dataset) -> list[Case]:
    """Every narrative with a photo, traced by the simulated annotator."""
    maker = PhotoMasks(dataset)
    photos = {int(photo.name): photo for photo in dataset.photos() if photo.source == "coco"}
    cases: list[Case] = []
    for split in ("train", "held"):
        for narrative in dataset.narratives(split):
            if (photo := photos.get(narrative.image_id)) is None:
                continue
            rng = np.random.default_rng(len(cases))
            told = simulate(narrative.words, narrative.tags, maker.of(photo), rng)
            labels = photo.label_map()
            present = np.setdiff1d(labels, [UNLABELED]).astype(np.uint8)
            cases.append(Case(told, labels, present, narrative.tags, split == "held"))
    return cases


def rows(cases: Sequence[Case]) -> dict[str, list[NDArray[np.uint8]]]:
    """The labels of each case's words by what found them."""
    table = {"any label of the picture, at best": [best_possible(case) for case in cases]}
    for hull, around in (("word", 0.0), ("phrase", PHRASE_SECONDS)):
        noisy = [labelled(case, around) for case in cases]
        usable = [told for told in noisy if told is not None]
        table[f"hull of the {hull}"] = filled(cases, noisy, [told.labels for told in usable])
        for how, config in (
            ("the paper's formula", RefinerConfig()),
            ("the words and each word's trace", RefinerConfig.with_trace()),
        ):
            refined = LabelRefiner.fit(usable, config).refine(usable)
            table[f"hull of the {hull}, refined by {how}"] = filled(cases, noisy, refined)
    return table


def labelled(case: Case, around: float) -> NoisyNarrative | None:
    """The noisy labels of a case; None where its trace has none."""
    labels = hull_labels(case.told, case.label_map, around=around)
    words = tuple(word.text for word in case.told.words)
    return None if labels is None else NoisyNarrative(words, labels, case.present)


def filled(
    cases: Sequence[Case],
    noisy: Sequence[NoisyNarrative | None],
    found: Sequence[NDArray[np.uint8]],
) -> list[NDArray[np.uint8]]:
    """What was found for each case, all wrong where it has no noisy labels."""
    rest = iter(found)
    return [
        np.full(len(case.tags), UNLABELED, np.uint8) if told is None else next(rest)
        for case, told in zip(cases, noisy, strict=True)
    ]


def best_possible(case: Case) -> NDArray[np.uint8]:
    """The released tags, as far as the picture has them."""
    return np.where(np.isin(case.tags, case.present), case.tags, UNLABELED).astype(np.uint8)


def accuracy(right: Sequence[NDArray[np.bool_]], part: Sequence[bool]) -> str:
    """The share of right words in the narratives of a part, and its bootstrap interval."""
    some = [r for r, inside in zip(right, part, strict=True) if inside]
    sums, sizes = np.array([r.sum() for r in some]), np.array([len(r) for r in some])
    picks = np.random.default_rng(0).integers(len(some), size=(2000, len(some)))
    low, high = np.quantile(sums[picks].sum(1) / sizes[picks].sum(1), [0.025, 0.975])
    return f"{sums.sum() / sizes.sum():.3f} ({low:.3f}-{high:.3f})"


def cut(case: Case) -> Case:
    """The first WORDS words of a case and what was drawn meanwhile."""
    words = case.told.words[:WORDS]
    strokes = [stroke[stroke[:, 2] <= words[-1].end] for stroke in case.told.strokes]
    kept = tuple(stroke for stroke in strokes if len(stroke))
    return replace(case, told=Narrative(words, kept), tags=case.tags[:WORDS])


def timed(cases: Sequence[Case]) -> list[tuple[str, float, float]]:
    """Each step's name, its seconds on the clock and those of the processor; last their sums."""
    clock, processor = [time.perf_counter()], [time.process_time()]

    def lap() -> None:
        clock.append(time.perf_counter())
        processor.append(time.process_time())

    noisy = [told for case in cases if (told := labelled(case, PHRASE_SECONDS)) is not None]
    lap()
    refiner = LabelRefiner.fit(noisy, RefinerConfig.with_trace())
    lap()
    refiner.refine(noisy)
    lap()
    names = ("hull labels", "statistics", "refined labels")
    steps = list(zip(names, np.diff(clock).tolist(), np.diff(processor).tolist(), strict=True))
    total = f"all of {len(noisy):,} narratives of {WORDS} words"
    return [*steps, (total, clock[-1] - clock[0], processor[-1] - processor[0])]


if __name__ == "__main__":
    main()
