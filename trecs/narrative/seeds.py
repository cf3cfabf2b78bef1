"""Seeds of their own that a person has given the things of words, in files and over HTTP.

In files (`trecs_seeds`) and over HTTP (`region_seeds`) it is a list of {word, seed}, the number of
a word in `timed_caption`, from 0, or of {label, seed}, the name of a label: that is for what no
region of words is, such as what was painted by hand. All else is drawn by the picture's seed.
"""

from collections.abc import Mapping
from typing import Any

from files.errors import InputError
from segmentation.labels import value_of
from trecs.narrative.bindings import MOST

MOST_SEED = 2**32 - 1


def is_seed(value: object) -> bool:
    """Whether a JSON value can be a seed."""
    return type(value) is int and 0 <= value <= MOST_SEED


def read_seeds(told: Any, name: str) -> dict[int | str, int]:
    """The seeds that JSON values say, by words' numbers and labels' names; messages call it `name`.

    Raises InputError for all else.
    """
    seeds: dict[int | str, int] = {}
    for i, item in enumerate(told if isinstance(told, list) else [told]):
        one: dict[str, Any] = item if isinstance(item, dict) else {}
        word: Any = one.get("word")
        label: Any = one.get("label")
        seed: Any = one.get("seed")
        numbered = type(word) is int and abs(word) <= MOST and label is None
        named = isinstance(label, str) and word is None
        if not (numbered or named) or not is_seed(seed):
            raise InputError(
                f"{name}[{i}] is not {{word, seed}} or {{label, seed}} with the number of a word, "
                f"from 0, or the name of a label, and a seed from 0 to {MOST_SEED}."
            )
        if named:
            value_of(label)
        key: int | str = label if named else word
        if seeds.setdefault(key, seed) != seed:
            raise InputError(f"{name} gives '{key}' two seeds; one is enough.")
    return seeds


def seeds_json(seeds: Mapping[int | str, int]) -> list[dict[str, Any]]:
    """The list that `read_seeds` reads, words first."""
    words = sorted((key, seed) for key, seed in seeds.items() if isinstance(key, int))
    labels = sorted((key, seed) for key, seed in seeds.items() if isinstance(key, str))
    return [
        *({"word": word, "seed": seed} for word, seed in words),
        *({"label": label, "seed": seed} for label, seed in labels),
    ]
