"""Whether a word that is changed changes the picture where the word was attended to.

    python -m benchmarks.swapped [--systems NAME,NAME] [--data DIR] [--checkpoint DIR]

Of each held-back photo the first text with a word of PAIRS that the system knows is drawn twice
with seed 0: as it is, and with the pair's other word in its place. All else is what the system
makes of it: the text is read again as a whole.

"change": the mean absolute difference of both pictures, of 255 levels. "at the word": how much of
it falls on the quarter of the places where the last layer's attention to the word, in the first
picture, is the greatest; "at others": the same for the caption's other words, their mean. Chance is
0.25 of both, and what tells that the word's own place changes is their difference, "more". Means
with 95 % bootstrap intervals over photos.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import Dataset, data_folder
from trecs.data.described import described_photos
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.systems import registry
from trecs.systems.interface import Home
from trecs.systems.parts.caption_system import CaptionSystem
from trecs.systems.parts.vocabulary import tokens

PAIRS = (
    ("dog", "cat"), ("man", "woman"), ("boy", "girl"), ("horse", "cow"), ("bird", "plane"),
    ("bus", "train"), ("car", "truck"), ("table", "bed"), ("grass", "snow"), ("beach", "street"),
    ("water", "sand"), ("kitchen", "bathroom"), ("pizza", "cake"), ("red", "blue"),
    ("white", "black"), ("green", "yellow"), ("brown", "grey"),
)  # fmt: skip
SWAPS = {word: other for pair in PAIRS for word, other in (pair, pair[::-1])}
SHARE = 0.25  # of the places


class Swap(NamedTuple):
    """What one changed word did."""

    change: float  # levels of 255
    own: float  # share of it at the word
    others: float  # at the caption's other words


def main() -> None:
    """Prints a table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--systems", default="controlgan,mirrorgan,dmgan")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    args = parser.parse_args()
    photos = described_photos(Dataset(data_folder(args.data)), held_back=True)
    home = Home(args.checkpoint)
    print("| system | photos | change | at the word | at others | more |")
    print("|---|---|---|---|---|---|")
    for name in args.systems.split(","):
        card = registry.card(name)
        system = card.load(home)
        if not isinstance(system, CaptionSystem):
            raise InputError(f"'{name}' does not draw captions; expected a system such as dmgan.")
        swaps = [swap for photo in photos if (swap := first_swap(system, photo.texts))]
        if not swaps:
            raise InputError(
                f"No held-back photo has a text with a word of PAIRS that {name} knows."
            )
        rows = np.array(swaps)
        change, own, others = (said(rows[:, column]) for column in range(3))
        more = said(rows[:, 1] - rows[:, 2])
        print(f"| {card.title} | {len(rows)} | {change} | {own} | {others} | {more} |", flush=True)


def first_swap(system: CaptionSystem, texts: tuple[str, ...]) -> Swap | None:
    """What the first word did that can be changed in a photo's texts; None where there is none."""
    for text in texts:
        for word, changed in changed_texts(text):
            if swap := measured(system, text, word, changed):
                return swap
    return None


def changed_texts(text: str) -> Iterator[tuple[str, str]]:
    """Each word that has a pair, and the text with the other in its place."""
    words = tokens(text)
    for place, word in enumerate(words):
        if word in SWAPS and words.count(word) == 1:
            yield word, " ".join([*words[:place], SWAPS[word], *words[place + 1 :]])


def measured(system: CaptionSystem, text: str, word: str, changed: str) -> Swap | None:
    """What the change did; None where the system does not know both words, or no other."""
    most = system.networks.config.words
    captions = [system.vocabulary.encode(one, most) for one in (text, changed)]
    first, second = (caption.words for caption in captions)
    if len(first) < 2 or word not in first or SWAPS[word] not in second:
        return None
    before, after = (system.painted(caption, 0) for caption in captions)
    if before.attention is None:
        raise InputError("This system shows no attention to words; expected one that does.")
    difference = np.abs(before.picture.astype(float) - after.picture).mean(2)
    *_, maps = before.attention.maps.values()
    shares = [within(difference, one) for one in maps]
    own = first.index(word)
    return Swap(difference.mean(), shares[own], float(np.mean(np.delete(shares, own))))


def within(difference: NDArray[np.float64], attention: NDArray[np.float32]) -> float:
    """How much of a difference (S, S) falls where attention (h, w) is the greatest."""
    side = len(difference)
    there = cv2.resize(attention, (side, side), interpolation=cv2.INTER_LINEAR).ravel()
    most = np.argsort(-there, kind="stable")[: round(SHARE * side * side)]
    whole = difference.sum()
    return float(difference.ravel()[most].sum() / whole) if whole else SHARE


def said(values: NDArray[np.float64]) -> str:
    low, high = bootstrap_interval(values)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(str(error))
