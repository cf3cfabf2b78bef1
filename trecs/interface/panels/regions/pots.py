"""Pots of colour: what colour a region is to have, and where another one is chosen for it."""

from html import escape
from typing import TYPE_CHECKING

from retrieval.words import normalise
from segmentation.colours import hex_of, mean_of
from trecs.interface.texts import escaped, listed, text

if TYPE_CHECKING:
    from segmentation.told_colours import Worn
    from trecs.alignment.regions import Region
    from trecs.narrative import Narrative
    from trecs.text.said import Said

EMPTY = "#808080"  # what a colour picker without a colour begins with


def pot(narrative: "Narrative", number: int, region: "Region", said: "Said | None") -> str:
    """The pot of a region; nothing for one without words, which nothing can be told of.

    Its `data-noun` is the word that a colour is given to, see `noun_of`.
    """
    if region.start == region.stop:
        return ""
    noun = noun_of(narrative, region, said)
    chosen = [c for w, c in narrative.colours.items() if region.start <= w < region.stop]
    shades = [hex_of(lab) for lab in region.colours]
    button = ""
    names = listed("regions.colours", region.colour_names)
    if names:
        told = text("regions.as_said", noun=noun, colours=names)
        button = (
            f'<button type="button" data-act="none" title="{escaped("regions.none")}" '
            f'aria-label="{escaped("regions.none_for", noun=noun)}">\u00d7</button>'
        )
    elif chosen:
        told = text("regions.chosen", noun=noun)
        if not shades:
            told = text("regions.no_colour", noun=noun)
        button = (
            f'<button type="button" data-act="said" title="{escaped("regions.said")}" '
            f'aria-label="{escaped("regions.said_for", noun=noun)}">\u21ba</button>'
        )
    else:
        told = text("regions.choose", noun=noun)
    value = hex_of(mean_of(region.colours)) if shades else EMPTY
    stops = ", ".join(
        f"{shade} {100 * i // len(shades)}% {100 * (i + 1) // len(shades)}%"
        for i, shade in enumerate(shades)
    )
    style = f' style="--pot:linear-gradient(90deg, {stops})"' if shades else ""
    kind = "pot" if shades else "pot empty"
    return (
        f'<span class="{kind}" data-of="{number}" data-noun="{escape(noun)}"{style}>'
        f'<input type="color" value="{value}" title="{escape(told)}" '
        f'aria-label="{escaped("regions.colour", told=told)}">'
        f"{f'<small>{escape(names)}</small>' if names else ''}{button}</span>"
        f"{''.join(map(_garment, region.worn))}"
    )


def _garment(worn: "Worn") -> str:
    """A garment in its colour: "red jacket"."""
    called = " ".join((listed("regions.colours", worn.names), worn.noun)).strip()
    shade = hex_of(mean_of(worn.colours))
    return f'<small class="worn" style="--pot:{shade}">{escape(called or worn.part)}</small>'


def noun_of(narrative: "Narrative", region: "Region", said: "Said | None") -> str:
    """A region's noun, or its last word; "" for one without words."""
    if region.start == region.stop:
        return ""
    heads = [
        mention.head
        for mention in (said.mentions if said else ())
        if mention.label == region.label and region.start <= mention.head < region.stop
    ]
    typed = narrative.words[heads[-1] if heads else region.stop - 1].text
    return normalise(typed) or typed
