"""The systems by name, read from their cards; no system, and not torch, is imported for that."""

from functools import cache
from pathlib import Path

import trecs.systems
from files.errors import InputError
from trecs.systems.card import Card, wrong
from trecs.systems.front_matter import read


def cards() -> dict[str, Card]:
    """The cards of all systems by name, in the order of tables.

    Raises InputError, in one line, where a card lacks something or has something wrong.
    """
    return dict(_cards_in(tuple(trecs.systems.__path__)))


def names() -> tuple[str, ...]:
    """The names of all systems, in the order of tables."""
    return tuple(cards())


def card(name: str) -> Card:
    """The card of a system; raises InputError where there is none of that name."""
    known = cards()
    if name not in known:
        raise InputError(f"No system '{name}'; expected some of {', '.join(known)}.")
    return known[name]


def own() -> Card:
    """The card of the system that the page is, which draws where no other is asked for."""
    return next(card for card in cards().values() if card.page == "own")


@cache
def _cards_in(places: tuple[str, ...]) -> dict[str, Card]:
    folders = [path.parent for place in places for path in sorted(Path(place).glob("*/card.md"))]
    found: dict[str, Card] = {}
    for folder in folders:
        for one in read(folder):
            if one.name in found:
                there = found[one.name].folder
                raise wrong(folder, f"'{one.name}' is the system in '{there}' already")
            found[one.name] = one
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[1].year)))
