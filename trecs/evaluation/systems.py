"""Which systems an evaluation compares."""

from collections.abc import Sequence

from trecs.installed import parameters
from trecs.systems import registry
from trecs.systems.interface import Home

ALL = "all"


def chosen(names: str | None, home: Home) -> tuple[str, ...]:
    """The systems that a comma-separated list names, in the tables' order, and the control.

    The control is always among them: who does not beat it has drawn nothing of their own. Without
    a list, or for "all", all that are installed. Raises InputError for unknown names.
    """
    cards = registry.cards()
    if names is None or names.strip() == ALL:
        return tuple(name for name, card in cards.items() if card.installed(home))
    asked = {registry.card(name.strip()).name for name in names.split(",")}
    return tuple(name for name, card in cards.items() if name in asked or card.control)


def sizes(names: Sequence[str], home: Home) -> dict[str, int]:
    """How many numbers the weights of each system have, of those that are installed."""
    cards = [registry.card(name) for name in names]
    return {
        card.name: sum(parameters(part) for part in card.parts(home))
        for card in cards
        if card.installed(home)
    }
