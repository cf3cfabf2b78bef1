"""The same words and seed drawn by several systems, and which words counted where for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from trecs.interface.panel import empty
from trecs.interface.panels.comparison.growth import growth
from trecs.interface.pixels import data_uri
from trecs.interface.texts import escaped, listed, markup, text
from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.interface import Drawing, WordAttention
from trecs.systems.parts.overlays import stretched

SHOWN_CAPTION = 160  # characters


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A system in the gallery and its picture (H, W, 3) uint8; None: to come, or it draws nothing.

    `told`: the HTML about it that stands beside the gallery.
    """

    card: Card
    picture: NDArray[np.uint8] | None = None
    told: str = ""


def beside() -> list[Card]:
    """The systems that the page can draw to compare, in the order of years."""
    cards = [card for card in registry.cards().values() if card.page in ("first", "beside")]
    return sorted(cards, key=lambda card: card.year)


def first() -> list[str]:
    """The names of those that are chosen at the beginning."""
    return [card.name for card in beside() if card.page == "first"]


def missing(cards: Sequence[Card]) -> str:
    """What is told of systems that are not installed; several take one line until it is opened."""
    told = "".join(empty(_missing(card)) for card in cards)
    if len(cards) < 2:
        return told
    names = ", ".join(card.short for card in cards)
    summary = escaped("comparison.lacking", systems=names)
    return f'<details class="lacking"><summary>{summary}</summary>{told}</details>'


def _missing(card: Card) -> str:
    if not card.ways:
        return text("comparison.missing", system=card.short)
    return text(
        "comparison.missing_but", system=card.short, ways=listed("comparison.or", card.ways)
    )


def comparison(
    exhibits: Sequence[Exhibit], caption: str, seed: int, lacking: Sequence[Card] = ()
) -> str:
    """The gallery of systems in the order of years, and two of their pictures under a slider.

    The page's own is the left one at first. `lacking`: those that are not installed.
    """
    exhibits = sorted(exhibits, key=lambda one: (one.card.year, one.card.page == "own"))
    drawn = [exhibit for exhibit in exhibits if exhibit.picture is not None]
    drawn.sort(key=lambda one: one.card.page != "own")
    uris = {one.card.short: data_uri(one.picture) for one in drawn if one.picture is not None}
    left, right = (list(uris) * 2)[:2]
    words = caption if len(caption) <= SHOWN_CAPTION else caption[:SHOWN_CAPTION] + "..."
    told = markup("comparison.told", words=f"<q>{escape(words)}</q>", seed=str(seed))
    left_shows = escaped("comparison.left_shows", system=left)
    right_shows = escaped("comparison.right_shows", system=right)
    shown = "".join(exhibit.told for exhibit in exhibits) + missing(lacking)
    return (
        '<div class="comparison"><div class="beside">'
        '<div class="slider" style="--at:50%">'
        f'<img class="left" src="{uris[left]}" alt="{left_shows}">'
        f'<img class="right" src="{uris[right]}" alt="{right_shows}">'
        '<i aria-hidden="true"></i>'
        '<input type="range" min="0" max="100" step="0.5" value="50" '
        f'aria-label="{escaped("comparison.slider")}"></div>'
        f'<div class="sides">{_choice("left", uris, left)}{_choice("right", uris, right)}</div>'
        f"<p>{told}</p></div>"
        f'<div class="inspected"><div class="gallery">'
        f"{''.join(_figure(exhibit, uris.get(exhibit.card.short)) for exhibit in exhibits)}</div>"
        f"{shown}</div></div>"
    )


def timeline() -> str:
    """Everything that can be seen here in the order of years; each opens what its card says."""
    cards = sorted(
        (card for card in registry.cards().values() if card.page != "absent"),
        key=lambda card: card.year,
    )
    return f'<ol class="timeline">{"".join(map(_entry, cards))}</ol>'


def _entry(card: Card) -> str:
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", escape(card.text))  # links lead to files
    coded = re.sub("`([^`]+)`", r"<code>\1</code>", plain)
    text = "".join(f"<p>{part}</p>" for part in coded.split("\n\n"))
    return (
        f"<li><details><summary><b>{card.year}</b> {escape(card.title)}</summary>"
        f"<p><cite>{escape(card.paper)}</cite></p>{text}</details></li>"
    )


def _figure(exhibit: Exhibit, uri: str | None) -> str:
    card, name = exhibit.card, escape(exhibit.card.short)
    parts = ", ".join(card.sees)
    if exhibit.picture is None:
        nothing, to_come = escaped("comparison.drew_nothing"), escaped("comparison.to_come")
        picture = f"<div>{nothing if exhibit.told else to_come}</div>"
        saw = escaped("comparison.saw", parts=parts)
    else:
        picture = f'<img src="{uri}" alt="{name}">'
        saw = escaped("comparison.saw_at", parts=parts, side=exhibit.picture.shape[1])
    return (
        f'<figure data-system="{name}">{picture}<figcaption><b>{card.year}</b> {name}<br>'
        f"<span>{saw}</span></figcaption></figure>"
    )


def inspected(title: str, drawing: Drawing) -> str:
    """How a system drew, where the words counted, and what it left out; empty where nothing."""
    grown = growth(title, drawing)
    if drawing.attention is None:
        return grown + "".join(map(empty, drawing.notes))
    notes = "".join(f"<p>{escape(note)}</p>" for note in drawing.notes)
    return grown + _attention(title, drawing.picture, drawing.attention) + notes


def _attention(title: str, picture: NDArray[np.uint8], attention: WordAttention) -> str:
    """The words that a system used, and for each layer where in its picture they counted.

    A layer's maps stand in one picture, word below word, through which the page shows the drawn
    one: the place of that mask is the chosen word.
    """
    words = attention.words
    *_, last = attention.maps.values()
    counted = last.mean((1, 2))  # (words,)
    buttons = "".join(
        f'<button type="button" data-row="{row}" aria-pressed="{str(row == 0).lower()}" '
        f'style="--share:{ground:.2f}" '
        f'title="{escaped("comparison.share", percent=f"{share:.1%}")}">{escape(word)}</button>'
        for row, (word, share, ground) in enumerate(
            zip(words, counted.tolist(), stretched(counted).tolist(), strict=True)
        )
    )
    uri = data_uri(picture)
    maps = "".join(
        f'<figure><div class="map" style="--mask:url({_mask(shares)})">'
        f'<img class="dim" src="{uri}" alt=""><img class="lit" src="{uri}" '
        f'alt="{escaped("comparison.layer", layer=layer)}"></div>'
        f"<figcaption>{_size(layer, shares)}</figcaption></figure>"
        for layer, shares in attention.maps.items()
    )
    told = escaped("comparison.words_of", system=title)
    return (
        f"<h3>{escaped('comparison.attends', system=title)}</h3>"
        f"<p>{escaped('comparison.attends_how')}</p>"
        f'<div class="attention" style="--row:0;--words:{len(words)}">'
        f'<div class="spoken" role="group" aria-label="{told}">{buttons}</div>'
        f'<div class="maps">{maps}</div></div>'
    )


def _size(layer: str, shares: NDArray[np.float32]) -> str:
    _, height, width = shares.shape
    return escaped("comparison.layer_size", layer=layer, width=width, height=height)


def _choice(side: str, uris: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f"<option{' selected' if name == chosen else ''}>{escape(name)}</option>" for name in uris
    )
    name, label = escaped("comparison.left"), escaped("comparison.left_picture")
    if side == "right":
        name, label = escaped("comparison.right"), escaped("comparison.right_picture")
    return (
        f'<label>{name} <select data-side="{side}" aria-label="{label}">{options}</select></label>'
    )


def _mask(shares: NDArray[np.float32]) -> str:
    """Maps (words, H, W) as one picture, each from transparent to opaque, word below word."""
    levels = np.concatenate([stretched(one) for one in shares])
    pixels = np.zeros((*levels.shape, 4), np.uint8)
    pixels[..., 3] = (levels * 255).round()
    return data_uri(pixels)
