"""Which systems an evaluation compares."""

from trecs.systems import registry
from trecs.systems.interface import Home


def chosen(names: str | None, home: Home) -> tuple[str, ...]:
    """The systems that a comma-separated list names, in the tables' order, and the control.

    The control is always among them: who does not beat it has drawn nothing of their own. Without
    a list, all that are installed. Raises InputError for unknown names.
    """
    cards = registry.cards()
    if names is None:
        return tuple(name for name, card in cards.items() if card.installed(home))
    asked = {registry.card(name.strip()).name for name in names.split(",")}
    return tuple(name for name, card in cards.items() if name in asked or card.control)
