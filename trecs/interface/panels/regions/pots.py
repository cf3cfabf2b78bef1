"""Pots of colour: what colour a region is to have, and where another one is chosen for it."""

from html import escape
from typing import TYPE_CHECKING

from retrieval.words import normalise
from segmentation.colours import hex_of, mean_of

if TYPE_CHECKING:
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
    noun = escape(noun_of(narrative, region, said))
    chosen = [c for w, c in narrative.colours.items() if region.start <= w < region.stop]
    shades = [hex_of(lab) for lab in region.colours]
    names = escape(" and ".join(region.colour_names))
    if names:
        told, act = f"{noun}: {names}, as said", ("none", "No colour", "\u00d7")
    elif chosen:
        told = f"{noun}: chosen" if shades else f"{noun}: no colour of its own"
        act = ("said", "As said", "\u21ba")
    else:
        told, act = f"{noun}: choose a colour", ("", "", "")
    button = (
        f'<button type="button" data-act="{act[0]}" aria-label="{act[1]} for {noun}" '
        f'title="{act[1]}">{act[2]}</button>'
        if act[0]
        else ""
    )
    value = hex_of(mean_of(region.colours)) if shades else EMPTY
    stops = ", ".join(
        f"{shade} {100 * i // len(shades)}% {100 * (i + 1) // len(shades)}%"
        for i, shade in enumerate(shades)
    )
    style = f' style="--pot:linear-gradient(90deg, {stops})"' if shades else ""
    kind = "pot" if shades else "pot empty"
    return (
        f'<span class="{kind}" data-of="{number}" data-noun="{noun}"{style}>'
        f'<input type="color" value="{value}" title="{told}" aria-label="Colour of {told}">'
        f"{f'<small>{names}</small>' if names else ''}{button}</span>"
    )


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
