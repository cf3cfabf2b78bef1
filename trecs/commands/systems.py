"""`trecs systems`: everything that draws, as a table and card by card."""

import argparse
from pathlib import Path
from typing import Any

from trecs.systems import registry
from trecs.systems.card import Card

STRIPS = Path(__file__).parents[2] / "docs" / "systems"  # what `scripts/strips.py` draws
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

# One by one, in the order of years

The strips show the same six captions, written for this page, with seed 0:

{captions}

{sections}
"""
CAPTIONS = """\
a brown dog runs on the green grass
a man rides a wave in the blue ocean
a bowl of red tomatoes on a wooden table
people ski down a snowy mountain
a train at a station under a grey sky
a white bathroom with a sink and a mirror
"""


def captions() -> list[str]:
    """The captions of the strips."""
    return CAPTIONS.splitlines()


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "systems",
        help="list everything that draws: TReCS and what it is compared with",
        description="Prints, as Markdown, what there is of systems that draw, as a table "
        "and one by one.",
        epilog="example: trecs systems > docs/systems.md",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    cards = registry.cards().values()
    sections = map(_section, sorted(cards, key=lambda card: card.year))
    told = "\n".join(f"{number}. {caption}" for number, caption in enumerate(captions(), 1))
    rows = "\n".join(map(_row, cards))
    print(PAGE.format(rows=rows, captions=told, sections="\n".join(sections)), end="")


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


def _section(card: Card) -> str:
    strip = STRIPS / f"{card.name}.jpg"
    shown = f"![What {card.short} draws](systems/{strip.name})\n\n" if strip.is_file() else ""
    published = f"\n\nPublished: {card.published}." if card.published else ""
    folder = f"[`trecs/systems/{card.folder.name}/`](../trecs/systems/{card.folder.name}/)"
    head = f"## {card.title} ({card.year})\n\n{card.paper}. Code: {folder}\n\n"
    text = card.text.replace("](../../../docs/", "](").replace("](../../../", "](../")
    return f"{head}{shown}{text}{published}\n"
