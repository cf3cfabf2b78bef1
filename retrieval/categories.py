"""Which label an annotation file means by a category: told by the name, not by the number.

Numbers differ from tool to tool: COCO's own go from 1 to 90 with gaps, others from 0 to 79, and
who annotates with names of their own numbers these. Where a file has no names, COCO's numbers
are taken.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from files.errors import InputError
from retrieval.identity import whole_number
from segmentation.labels import FIRST_STUFF, NAMES, is_thing, value_of

LAST_THING_ID = 90  # of COCO's category ids
SHOWN = 5  # categories that a note names
UNNAMED = "the annotations name no categories, so their numbers were read as COCO's"


@dataclass(frozen=True)
class Categories:
    """What the categories of a file mean.

    `names`: each category's name by its id; empty where the file has none. `labels`: the value of
    the label, by id, of those that are things. `notes`: what the user should know, a line each.
    """

    names: Mapping[int, str]
    labels: Mapping[int, int]
    notes: tuple[str, ...] = ()

    def wrong(self, category: int | None) -> str:
        """Why annotations of a category that has no label are left out."""
        if not self.names:
            return f"without a category_id from 1 to {LAST_THING_ID}"
        if category is None or category not in self.names:
            return "of a category that is not listed"
        name = self.names[category]
        if label_of(name, {}) is not None:
            return f"of '{name}', which is stuff: maps tell that"
        return f"of '{name}', which is no label"


def category_records(labels: Set[int]) -> list[dict[str, Any]]:
    """Categories as COCO lists them, of some values of labels."""
    return [{"id": label + 1, "name": NAMES[label]} for label in sorted(labels)]


def read_categories(given: Any, path: Path, synonyms: Mapping[str, int]) -> Categories:
    """Reads a file's `categories`; `synonyms` are further names of labels.

    Raises InputError where one id has two names, and where categories tell something, but none a
    name with a number.
    """
    names: dict[int, str] = {}
    for entry in given if isinstance(given, list) else ():
        number = whole_number(entry.get("id")) if isinstance(entry, dict) else None
        name = entry.get("name") if isinstance(entry, dict) else None
        if number is None or not isinstance(name, str) or not name.strip():
            continue
        if _key(names.setdefault(number, name)) != _key(name):
            raise InputError(
                f"Category {number} of '{path}' is both '{names[number]}' and '{name}'; expected "
                "one name for each id. Number them apart."
            )
    if not names and _tells_something(given):
        raise InputError(
            f"The categories of '{path}' cannot be read; expected a list of {{id, name}} with a "
            "number and a text, such as {id: 18, name: dog}. Name them, or leave 'categories' away "
            "if the numbers are COCO's."
        )
    if not names:
        ids = range(1, LAST_THING_ID + 1)
        return Categories({}, {i: i - 1 for i in ids}, (UNNAMED,))
    known = {_key(name): label for name, label in synonyms.items()}
    labels = {
        number: label
        for number, name in names.items()
        if (label := label_of(name, known)) is not None and is_thing(label)
    }
    return Categories(names, labels, tuple(_notes(names, labels)))


def label_of(name: str, synonyms: Mapping[str, int]) -> int | None:
    """The value of the label that a name means; None where there is none.

    Capitals, spaces, hyphens and underscores make no difference. `synonyms`: by such keys.
    """
    key = _key(name)
    return _OWN.get(key, synonyms.get(key))


def _tells_something(given: Any) -> bool:
    """Whether categories that have no names hold more than numbers."""
    if not isinstance(given, list):
        return given is not None
    return any(
        not isinstance(entry, dict)
        or any(isinstance(text, str) and text.strip() for text in entry.values())
        for entry in given
    )


def _notes(names: Mapping[int, str], labels: Mapping[int, int]) -> list[str]:
    notes = []
    moved = [
        f"{number} is '{names[number]}'"
        + (f" ({NAMES[number - 1]} in COCO)" if 1 <= number <= FIRST_STUFF else "")
        for number, label in labels.items()
        if number != label + 1
    ]
    if moved:
        notes.append(
            f"categories are not numbered as COCO's, so names were followed: {_few(moved)}"
        )
    read_as = [
        f"'{names[number]}' as {NAMES[label]}"
        for number, label in labels.items()
        if _key(names[number]) not in _OWN
    ]
    if read_as:
        notes.append(f"categories read by everyday names: {_few(read_as)}")
    return notes


def _few(things: Sequence[str]) -> str:
    return ", ".join(things[:SHOWN]) + (f" and {len(things) - SHOWN} more" * (len(things) > SHOWN))


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_OWN = {_key(name): label for label, name in enumerate(NAMES)}
_OWN["tvmonitor"] = value_of("tv")  # Pascal VOC's
