"""Whether canvases show what sentences say: counts, "no", places and sizes, drawn without a trace.

    python -m benchmarks.said [--checkpoint DIR] [--library DIR] [--mistakes]

Draws each sentence of `said.txt` with three seeds at 256x256 and prints the share of (sentence,
seed) for which all checks hold, for the sentences that the rules were corrected by and for those
that were kept aside, whose mistakes are not shown. A check is one of

    has L               L covers at least 0.002 of the canvas
    not L               no pixel is L
    count L N           N instances of L are seen; `N+`: at least N
    left A, right A     the middle of A's pixels is left of 0.45, right of 0.55
    top A, bottom A     ... above 0.45, below 0.55
    middle A            ... from 0.3 to 0.7 across
    left A B, right A B, above A B, below A B      A's middle and B's
    between A B C       A's middle lies across between those of B and C, or of two of B's instances
    spread A            the middles of A's instances lie on both sides of the picture
    front A B           A's lowest pixel is not higher than B's, or A is in front where they meet
    covers A B          where masks of both were put on one another, more of A is seen
    far A               A reaches no lower than 0.85 and covers less than 0.1
    near A B            the boxes of both are less than 0.15 apart
    touch A B           they touch
    smaller A B, larger A B                        one instance of each, by area
    unequal A           A's largest instance has at least 1.8 times the area of its smallest
    small A, large A    one instance covers less than 0.06, more than 0.15
    coloured A C N      N things of A are told to have colour C, no more

where a label may be one of several, `bus/car`. A label that is nowhere fails all but `not`.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.labels import value_of
from trecs.narrative import from_text
from trecs.pipeline import TReCS
from trecs.result import Result

SENTENCES = Path(__file__).with_name("said.txt")
SIZE = 256
SEEDS = (0, 1, 2)
ASIDE = ", aside"  # ends the heading of sentences that are
SEEN = 0.002  # of the canvas, for a label
INSTANCE = 0.0003  # ... for an instance
APART = 0.01  # by which middles must differ

Shape = NDArray[np.bool_]


@dataclass(frozen=True)
class Sentence:
    """A sentence with its checks, each a list of words; `aside`: its mistakes are not looked at."""

    kind: str
    text: str
    checks: tuple[tuple[str, ...], ...]
    aside: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", type=Path, metavar="DIR")
    parser.add_argument("--library", type=Path, metavar="DIR")
    parser.add_argument(
        "--sentences", type=Path, default=SENTENCES, metavar="FILE", help="others than said.txt"
    )
    parser.add_argument("--kind", help="draw only sentences of kinds that begin so")
    parser.add_argument("--mistakes", action="store_true", help="show what did not hold")
    args = parser.parse_args()
    trecs = TReCS.from_pretrained(args.checkpoint, library=args.library)
    scores: dict[str, dict[bool, list[bool]]] = {}
    for sentence in read_sentences(args.sentences):
        if args.kind and not sentence.kind.startswith(args.kind):
            continue
        wrong = [missed(sentence, drawn(trecs, sentence.text, seed)) for seed in SEEDS]
        for name in (sentence.kind, "all"):
            parts = scores.setdefault(name, {False: [], True: []})
            parts[sentence.aside] += [not some for some in wrong]
        if args.mistakes and not sentence.aside and any(wrong):
            told = sorted({check for some in wrong for check in some})
            print(f"- {sum(map(bool, wrong))}x {sentence.text} | {'; '.join(told)}", flush=True)
    scores["all"] = scores.pop("all")
    print(table(scores))


def read_sentences(path: Path) -> list[Sentence]:
    """The sentences of a file in its order."""
    sentences, kind = [], ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            text, _, checks = line.rpartition("|")
            told = tuple(tuple(check.split()) for check in checks.split(";"))
            aside = kind.endswith(ASIDE)
            sentences.append(Sentence(kind.removesuffix(ASIDE), text.strip(), told, aside))
    return sentences


def drawn(trecs: TReCS, text: str, seed: int) -> Result:
    """The result of a text without a trace, as far as its canvas."""
    for result in trecs.stages(from_text(text), seed, size=SIZE):
        if result.canvas is not None:
            return result
    raise AssertionError("the stages end with a canvas")


def missed(sentence: Sentence, result: Result) -> list[str]:
    """The checks that do not hold of what was drawn."""
    return [" ".join(check) for check in sentence.checks if not holds(check, result)]


def holds(check: Sequence[str], result: Result) -> bool:
    """Whether a check, such as ("left", "cat", "dog"), holds."""
    canvas = result.canvas
    assert canvas is not None
    name, *rest = check
    if name == "count":
        label, number = rest
        count = len(_instances(canvas, label))
        return count >= int(number[:-1]) if number.endswith("+") else count == int(number)
    if name == "not":
        return not _shape(canvas, rest[0]).any()
    if name == "coloured":
        return _coloured(result, *rest)
    if not all(_shape(canvas, label).mean() >= SEEN for label in rest):
        return False
    if name == "covers":
        placements = [one for one in result.placements or () if one is not None]
        return _covers(canvas, placements, *rest)
    return _CHECKS[name](canvas, *rest)


def table(scores: dict[str, dict[bool, list[bool]]]) -> str:
    """The shares that hold as a Markdown table."""
    lines = ["| kind | built with | kept aside | together |", "| --- | --- | --- | --- |"]
    for kind, parts in scores.items():
        together = parts[False] + parts[True]
        shares = [f"{np.mean(some):.2f}" for some in (parts[False], parts[True], together) if some]
        lines.append(f"| {kind} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _shape(canvas: Canvas, label: str) -> Shape:
    return np.isin(canvas.label_map, [value_of(name) for name in label.split("/")])


def _coloured(result: Result, label: str, colour: str, count: str) -> bool:
    """Whether so many of a label's regions are told to have a colour."""
    values = [value_of(name) for name in label.split("/")]
    of_label = [region for region in result.regions or () if region.label in values]
    return sum(region.colour_names == (colour,) for region in of_label) == int(count)


def _instances(canvas: Canvas, label: str) -> list[Shape]:
    """Each instance of a thing that is seen; stuff is one."""
    shape = _shape(canvas, label)
    shapes = [
        shape & (canvas.instance_map == number) for number in np.unique(canvas.instance_map[shape])
    ]
    return [one for one in shapes if one.mean() >= INSTANCE]


def _middle(shape: Shape) -> tuple[float, float]:
    """The mean x and y of a shape, in fractions."""
    rows, columns = np.nonzero(shape)
    return columns.mean() / shape.shape[1], rows.mean() / shape.shape[0]


def _box(shape: Shape) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(shape)
    left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    return left / SIZE, top / SIZE, right / SIZE, bottom / SIZE


def _side(canvas: Canvas, axis: int, sign: int, first: str, second: str | None = None) -> bool:
    """Whether the first's middle is further along an axis (or back, by the sign)."""
    middle = _middle(_shape(canvas, first))[axis]
    if second is None:
        return sign * (middle - 0.5) > 0.05
    return sign * (middle - _middle(_shape(canvas, second))[axis]) > APART


def _between(canvas: Canvas, first: str, second: str, third: str = "") -> bool:
    ends = [_shape(canvas, label) for label in (second, third) if label]
    ends = ends if third else _instances(canvas, second)
    middles = [_middle(end)[0] for end in ends]
    return min(middles) < _middle(_shape(canvas, first))[0] < max(middles)


def _spread(canvas: Canvas, label: str) -> bool:
    middles = [_middle(one)[0] for one in _instances(canvas, label)]
    return min(middles) < 0.5 < max(middles)


def _front(canvas: Canvas, first: str, second: str) -> bool:
    a, b = (_box(_shape(canvas, label)) for label in (first, second))
    return a[3] >= b[3] - 0.02 or _bites(canvas, first, second)


def _covers(canvas: Canvas, placements: Sequence[Placement], first: str, second: str) -> bool:
    """Whether the first hides the second where both were put; nowhere is well, too."""
    both = np.ones(canvas.label_map.shape, bool)
    for label in (first, second):
        values = [value_of(name) for name in label.split("/")]
        shapes = [p.mask.render(SIZE, SIZE) for p in placements if p.label in values]
        both &= np.any(shapes, 0) if shapes else False
    a, b = (int((_shape(canvas, label) & both).sum()) for label in (first, second))
    return a >= b


def _bites(canvas: Canvas, first: str, second: str) -> bool:
    """Whether most of the first that is in the second's hull stands there in its place."""
    a, b = _shape(canvas, first), _shape(canvas, second)
    points = cv2.findNonZero(b.astype(np.uint8))
    hull = np.zeros(b.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    return bool((a & (hull > 0)).sum() > 0.5 * a.sum())


def _far(canvas: Canvas, label: str) -> bool:
    shape = _shape(canvas, label)
    return _box(shape)[3] <= 0.85 and bool(shape.mean() < 0.1)


def _near(canvas: Canvas, first: str, second: str) -> bool:
    a, b = (_box(_shape(canvas, label)) for label in (first, second))
    return max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3]) < 0.15


def _touch(canvas: Canvas, first: str, second: str) -> bool:
    grown = cv2.dilate(_shape(canvas, first).astype(np.uint8), np.ones((9, 9), np.uint8))
    return bool((grown.astype(bool) & _shape(canvas, second)).any())


def _areas(canvas: Canvas, label: str) -> list[float]:
    return sorted(float(one.mean()) for one in _instances(canvas, label)) or [0.0]


def _unequal(canvas: Canvas, label: str) -> bool:
    areas = _areas(canvas, label)
    return areas[-1] >= 1.8 * areas[0]


_CHECKS: dict[str, Callable[..., bool]] = {
    "has": lambda canvas, label: True,
    "left": lambda canvas, *labels: _side(canvas, 0, -1, *labels),
    "right": lambda canvas, *labels: _side(canvas, 0, 1, *labels),
    "above": lambda canvas, *labels: _side(canvas, 1, -1, *labels),
    "below": lambda canvas, *labels: _side(canvas, 1, 1, *labels),
    "top": lambda canvas, label: _side(canvas, 1, -1, label),
    "bottom": lambda canvas, label: _side(canvas, 1, 1, label),
    "middle": lambda canvas, label: 0.3 <= _middle(_shape(canvas, label))[0] <= 0.7,
    "between": _between,
    "spread": _spread,
    "front": _front,
    "far": _far,
    "near": _near,
    "touch": _touch,
    "smaller": lambda canvas, a, b: np.mean(_areas(canvas, a)) < np.mean(_areas(canvas, b)),
    "larger": lambda canvas, a, b: np.mean(_areas(canvas, a)) > np.mean(_areas(canvas, b)),
    "unequal": _unequal,
    "small": lambda canvas, label: _areas(canvas, label)[-1] < 0.06,
    "large": lambda canvas, label: _areas(canvas, label)[-1] > 0.15,
}


if __name__ == "__main__":
    main()
