"""Layers' names: a label's, with the number of the instance behind it where there is one."""

import re
from collections.abc import Sequence

from files.errors import InputError
from retrieval.categories import label_of
from segmentation.labels import NAMES, UNLABELED, is_thing, search

UNLABELED_NAME = "unlabeled"
MOST_NUMBER = 65_535  # of a 16-bit instance map
SHOWN = 5
LONGEST = 200  # letters of a name that is looked at
COPY = re.compile(r"(?i)^copy of |( copy( \d+)?| ?#\d+)+$")
"""What editors put before or behind the name of a layer that was duplicated."""
NUMBER = re.compile(r" (\d{1,5})$")


def name_of(label: int, number: int = 0) -> str:
    """ "dog 2" for the instance 2 of a dog, "grass" where there is no number."""
    name = UNLABELED_NAME if label == UNLABELED else NAMES[label]
    return f"{name} {number}" if number else name


def label_named(name: str) -> int | None:
    """The label that a name means, in whatever case, with spaces or hyphens; None for no label.

    COCO's panoptic categories have some labels as "grass-merged" and "ceiling-merged".
    """
    bare = name.strip().removesuffix("-merged")
    if bare.casefold() == UNLABELED_NAME:
        return UNLABELED
    label = label_of(bare, {})
    return label_of(f"{bare}-other", {}) if label is None and bare != name.strip() else label


def parsed(name: str) -> tuple[int | None, int | None]:
    """The label of a layer's name, None for no label, and its number, None for none or a copy."""
    if len(name) > LONGEST:  # of "#1#1#1..." COPY would be looked for at every place
        return None, None
    bare = COPY.sub("", name.strip())
    number = NUMBER.search(bare)
    label = label_named(NUMBER.sub("", bare))
    return label, int(number[1]) if number and bare == name.strip() else None


def unknown(names: Sequence[str], called: str, what: str, otherwise: str) -> InputError:
    """What is told where names are no labels; `what` has them, `otherwise` else can be done."""
    shown = ", ".join(f"'{name[:40]}'" for name in dict.fromkeys(names[:SHOWN]))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    near = search(COPY.sub("", names[0][:LONGEST].split(" ")[0]))[:3] or [
        NAMES[0],
        NAMES[16],
        NAMES[-1],
    ]
    return InputError(
        f"{called} has {what} that name no label: {shown}{more}. Rename them to COCO-Stuff labels, "
        f"such as {', '.join(near)}{otherwise}."
    )


def numbered(labels: Sequence[int], asked: Sequence[int | None]) -> list[int]:
    """An instance's number for each thing, 0 for all else: the one asked for, if it is free.

    Raises InputError for more things than an instance map can tell apart.
    """
    taken: set[int] = set()
    numbers: list[int] = []
    known = [n or 0 for label, n in zip(labels, asked, strict=True) if is_thing(label)]
    following = max((n for n in known if 1 <= n <= MOST_NUMBER), default=0) + 1
    for label, number in zip(labels, asked, strict=True):
        if not is_thing(label):
            numbers.append(0)
            continue
        if number is None or not 1 <= number <= MOST_NUMBER or number in taken:
            number, following = following, following + 1
        taken.add(number)
        numbers.append(number)
    if max(taken, default=0) > MOST_NUMBER:
        raise InputError(f"There are more than {MOST_NUMBER:,} things; expected a few dozens.")
    return numbers
