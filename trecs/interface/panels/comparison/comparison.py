"""The same words and seed drawn by several systems, and which words counted where for them."""

from collections.abc import Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

from trecs.interface.panel import empty
from trecs.interface.pixels import data_uri
from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.interface import Drawing, WordAttention
from trecs.systems.parts.overlays import stretched

SHOWN_CAPTION = 160  # characters


def beside() -> list[Card]:
    """The systems that the page draws to compare, the control last."""
    cards = [card for card in registry.cards().values() if card.page == "beside"]
    return sorted(cards, key=lambda card: card.control)


def offer() -> str:
    """What the button says."""
    drawing = [card.short for card in beside() if not card.control]
    return f"Compare with {drawing[0] if len(drawing) == 1 else 'other systems'}"


def to_come() -> str:
    """What stands where the comparison will be."""
    told = ", ".join(card.short for card in beside())
    return f"Compose a picture; then see what others make of the same words and seed: {told}."


def missing(card: Card) -> str:
    """A line about a system that is not installed."""
    line = f"No {card.short} is installed here."
    return f"{line} Who runs this studio can {', or '.join(card.ways)}." if card.ways else line


def comparison(
    pictures: Mapping[str, NDArray[np.uint8]], caption: str, seed: int, shown: str
) -> str:
    """Pictures (H, W, 3) uint8 by the names of their systems, two of them under a slider.

    `shown`: the HTML that stands beside them, `inspected` or a line about why a picture is missing.
    """
    uris = {name: data_uri(image) for name, image in pictures.items()}
    left, right = (list(uris) * 2)[:2]
    told = caption if len(caption) <= SHOWN_CAPTION else caption[:SHOWN_CAPTION] + "..."
    thumbnails = "".join(
        f'<figure data-system="{escape(name)}"><img src="{uri}" alt="{escape(name)}">'
        f"<figcaption>{escape(name)}<br><span>{pictures[name].shape[1]} px</span></figcaption>"
        "</figure>"
        for name, uri in uris.items()
    )
    return (
        '<div class="comparison"><div class="beside">'
        '<div class="slider" style="--at:50%">'
        f'<img class="left" src="{uris[left]}" alt="Left: {escape(left)}">'
        f'<img class="right" src="{uris[right]}" alt="Right: {escape(right)}">'
        '<i aria-hidden="true"></i>'
        '<input type="range" min="0" max="100" step="0.5" value="50" '
        'aria-label="How much of the left picture is seen"></div>'
        f'<div class="sides">{_choice("left", uris, left)}{_choice("right", uris, right)}</div>'
        f'<div class="thumbnails">{thumbnails}</div>'
        f"<p><q>{escape(told)}</q> seed {seed}</p></div>"
        f'<div class="inspected">{shown}</div></div>'
    )


def inspected(title: str, drawing: Drawing) -> str:
    """Where the words counted in a system's drawing, and what it left out; empty where nothing."""
    if drawing.attention is None:
        return "".join(map(empty, drawing.notes))
    notes = "".join(f"<p>{escape(note)}</p>" for note in drawing.notes)
    return _attention(title, drawing.picture, drawing.attention) + notes


def _attention(title: str, picture: NDArray[np.uint8], attention: WordAttention) -> str:
    """The words that a system used, and for each layer where in its picture they counted.

    A layer's maps stand in one picture, word below word, through which the page shows the drawn
    one: the place of that mask is the chosen word.
    """
    words, title = attention.words, escape(title)
    *_, last = attention.maps.values()
    counted = last.mean((1, 2))  # (words,)
    buttons = "".join(
        f'<button type="button" data-row="{row}" aria-pressed="{str(row == 0).lower()}" '
        f'style="--share:{ground:.2f}" title="{share:.1%} of the attention">{escape(word)}</button>'
        for row, (word, share, ground) in enumerate(
            zip(words, counted.tolist(), stretched(counted).tolist(), strict=True)
        )
    )
    uri = data_uri(picture)
    maps = "".join(
        f'<figure><div class="map" style="--mask:url({_mask(shares)})">'
        f'<img class="dim" src="{uri}" alt=""><img class="lit" src="{uri}" '
        f'alt="Where {escape(layer)} attends to the chosen word"></div>'
        f"<figcaption>{escape(layer)}, {shares.shape[2]}&times;{shares.shape[1]} places"
        "</figcaption></figure>"
        for layer, shares in attention.maps.items()
    )
    return (
        f"<h3>Where {title} attends</h3><p>Choose a word; its places stay light. The fuller a "
        "word's ground, the more it counted.</p>"
        f'<div class="attention" style="--row:0;--words:{len(words)}">'
        f'<div class="spoken" role="group" aria-label="Words of {title}">{buttons}</div>'
        f'<div class="maps">{maps}</div></div>'
    )


def _choice(side: str, uris: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f"<option{' selected' if name == chosen else ''}>{escape(name)}</option>" for name in uris
    )
    return (
        f'<label>{side.title()} <select data-side="{side}" aria-label="{side.title()} picture">'
        f"{options}</select></label>"
    )


def _mask(shares: NDArray[np.float32]) -> str:
    """Maps (words, H, W) as one picture, each from transparent to opaque, word below word."""
    levels = np.concatenate([stretched(one) for one in shares])
    pixels = np.zeros((*levels.shape, 4), np.uint8)
    pixels[..., 3] = (levels * 255).round()
    return data_uri(pixels)
