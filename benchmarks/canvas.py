"""How well canvases match the true label maps of held-back photos, beside simple baselines.

    python -m benchmarks.canvas [--checkpoint DIR] [--library DIR] [--data DIR]

Narratives: those of `coco_mini` photos that no training saw, with the trace that the simulated
annotator (`trecs.data.annotator`) draws from the photo's masks and the released tags; its random
state is the narrative's number. Scores at 256x256 over the pixels that are labeled in the true map,
averaged over narratives; in brackets the 95 % bootstrap interval over narratives.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT
from trecs.alignment.regions import align
from trecs.data.dataset import Dataset, TaggedNarrative, data_folder
from trecs.evaluation.cases import Case as Told
from trecs.evaluation.cases import SimulatedCases, squeezed_labels
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.canvas import mean_iou, painted_hulls, pixel_accuracy
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.tagging.tagger import Tags

SIZE = 256
SEED = 0


@dataclass(frozen=True, eq=False)
class Case:
    """A held-back narrative with its simulated trace, released tags and true label map."""

    narrative: Narrative
    tags: Tags
    truth: NDArray[np.uint8]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, metavar="DIR")
    parser.add_argument("--library", type=Path, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    trecs = TReCS.from_pretrained(args.checkpoint, library=args.library)
    dataset = Dataset(data_folder(args.data))
    cases = list(simulated(dataset, dataset.narratives("held")))
    scores: dict[str, list[tuple[float, float]]] = {}
    for case in cases:
        for name, canvas in canvases(trecs, case).items():
            score = pixel_accuracy(case.truth, canvas), mean_iou(case.truth, canvas)
            scores.setdefault(name, []).append(score)
    print(table(scores))
    print(f"\n{len(cases)} narratives, library of {trecs.library.scene_count:,} scenes.")


def simulated(dataset: Dataset, narratives: list[TaggedNarrative]) -> Iterator[Case]:
    """Narratives of photos whose label maps people drew, with simulated traces."""
    for case in SimulatedCases(dataset, narratives):
        if not isinstance(case, Told) or case.tags is None:
            continue
        truth = squeezed_labels(case.labels, SIZE)
        if truth is not None:
            certain = np.eye(COUNT, dtype=np.float32)[case.tags]
            yield Case(case.narrative, Tags(case.tags, certain), truth)


def canvases(trecs: TReCS, case: Case) -> dict[str, NDArray[np.uint8]]:
    """The rows of the table: label maps (SIZE, SIZE) uint8 by name."""
    own = trecs.tag(case.narrative)
    untraced = case.narrative.without_trace()
    words = [word.text for word in untraced.words]
    text = trecs.encoder.encode_text(words, own.probabilities)
    best_scene, _ = trecs.library.search(text, 1)[0]
    guessed = trecs.predictor.complete(untraced, align(untraced, own, trecs.aligner), SEED)
    return {
        "TReCS": composed(trecs, case.narrative, own),
        "TReCS, true tags": composed(trecs, case.narrative, case.tags),
        "TReCS, no trace (predicted)": composed(trecs, untraced, own),
        "hulls painted": painted_hulls(align(case.narrative, own, trecs.aligner), SIZE),
        "hulls painted, true tags": painted_hulls(
            align(case.narrative, case.tags, trecs.aligner), SIZE
        ),
        "hulls painted, no trace (predicted)": painted_hulls(guessed, SIZE),
        "best scene pasted whole": trecs.library.label_map(best_scene, SIZE),
    }


def composed(trecs: TReCS, narrative: Narrative, tags: Tags) -> NDArray[np.uint8]:
    """The label map of the pipeline's canvas for the given tags."""
    regions = trecs.align(narrative, tags, SEED)
    return trecs.compose(trecs.retrieve(narrative, regions, tags), SIZE).label_map


def table(scores: dict[str, list[tuple[float, float]]]) -> str:
    """The scores by row as a Markdown table."""
    lines = ["| canvas | pixel accuracy | mean IoU | narratives |", "| --- | --- | --- | --- |"]
    for name, pairs in scores.items():
        cells = []
        for values in zip(*pairs, strict=True):
            low, high = bootstrap_interval(values)
            cells.append(f"{np.mean(values):.3f} ({low:.3f}-{high:.3f})")
        lines.append(f"| {name} | {' | '.join(cells)} | {len(pairs)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
