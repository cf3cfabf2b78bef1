"""`trecs systems`: everything that draws, as a table."""

import argparse
from typing import Any

from trecs.systems import registry
from trecs.systems.card import Card

PAGE = """\
# What draws

All of these draw a narrative: `trecs draw --system NAME` one, `trecs evaluate` many, and the page
shows some side by side. Each is a folder in `trecs/systems/` whose `card.md` says more; this page
is what `trecs systems` prints.

To add one: a folder with `card.md` (`trecs/systems/front_matter.py` has its keys) and the class
that it names, a `trecs.systems.interface.System`; beside its tests, in
`tests/trecs/systems/NAME/`, a `tiny.py` with `install(folder)` where it has weights of its own.
Nothing else changes but this page. Folders elsewhere will do, too: `$TRECS_SYSTEMS` names the
folder that they stand in.

| name | system | paper | year | sees | pixels | offers | licence |
|---|---|---|---|---|---|---|---|
{rows}
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "systems",
        help="list everything that draws: TReCS and what it is compared with",
        description="Prints, as Markdown, what there is of systems that draw a narrative.",
        epilog="example: trecs systems > docs/systems.md",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(PAGE.format(rows="\n".join(map(_row, registry.cards().values()))), end="")


def _row(card: Card) -> str:
    cells = (
        f"`{card.name}`",
        f"[{card.title}](../trecs/systems/{card.folder.name}/card.md)",
        card.paper,
        str(card.year),
        ", ".join(card.sees),
        ", ".join(map(str, card.sizes)) or "any",
        ", ".join(card.offers) or "-",
        card.licence,
    )
    return f"| {' | '.join(cells)} |"
