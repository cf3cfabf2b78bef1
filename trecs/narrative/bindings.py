"""What a person has told of strokes and words: which belong together, and what they are.

In files (`trecs_bindings`) and over HTTP (`bindings`) it is a list of {stroke, word, label}, of
which `stroke` or `label` may be missing: the number of a stroke in `traces`, of a word in
`timed_caption` (of several words in one utterance, each counts), both from 0, and the name of the
word's label. A stroke has one word at most and a word one label; a word may have many strokes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from files.errors import InputError
from segmentation.labels import NAMES, value_of

MOST = 100_000  # no narrative has as many words or strokes


@dataclass(frozen=True)
class Bindings:
    """`words`: of strokes, the number of a word. `labels`: of words, a COCO-Stuff value."""

    words: Mapping[int, int] = field(default_factory=dict)
    labels: Mapping[int, int] = field(default_factory=dict)

    @staticmethod
    def of(told: Any, name: str) -> "Bindings":
        """What JSON values say, which messages call `name`; raises InputError for all else."""
        words: dict[int, int] = {}
        labels: dict[int, int] = {}
        for i, item in enumerate(told if isinstance(told, list) else [told]):
            stroke, word, label = _told(item, f"{name}[{i}]")
            if stroke is not None:
                if stroke in words:
                    raise InputError(f"{name} binds stroke {stroke} twice; one word is enough.")
                words[stroke] = word
            if label is not None:
                value = value_of(label)
                if labels.setdefault(word, value) != value:
                    raise InputError(f"{name} gives word {word} two labels; one is enough.")
        return Bindings(words, labels)

    def to_json(self) -> list[dict[str, Any]]:
        """The list that `of` reads; a label stands apart from the strokes of its word."""
        bound = [{"stroke": stroke, "word": word} for stroke, word in sorted(self.words.items())]
        given = sorted(self.labels.items())
        return [*bound, *({"word": word, "label": NAMES[label]} for word, label in given)]


def _told(item: Any, where: str) -> tuple[int | None, int, str | None]:
    keys = ("stroke", "word", "label")
    told: list[Any] = [item.get(key) for key in keys] if isinstance(item, dict) else [None] * 3
    stroke, word, label = told
    numbers = type(word) is int and (stroke is None or type(stroke) is int)
    numbers = numbers and max(abs(word or 0), abs(stroke or 0)) <= MOST
    if not numbers or not isinstance(label, str | None) or stroke is label is None:
        raise InputError(
            f"{where} is not {{stroke, word}}, {{stroke, word, label}} or {{word, label}} with the "
            "number of a stroke and that of a word, both from 0, and the name of a label."
        )
    return stroke, word, label
