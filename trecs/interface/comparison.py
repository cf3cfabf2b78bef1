"""The same words and seed drawn by several systems, and which words AttnGAN attended to where."""

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trecs.interface.stages import data_uri, empty
from trecs.systems.parts.overlays import stretched

if TYPE_CHECKING:
    from trecs.systems.attngan.model import AttnGanPicture

TO_COME = (
    "Compose a picture; then see what AttnGAN makes of the same words without any trace, and what "
    "the most similar scene of the library looks like."
)
TRECS, ATTNGAN, RETRIEVAL = "TReCS", "AttnGAN", "Best retrieved scene"
SHOWN_CAPTION = 160  # characters


def comparison(
    pictures: Mapping[str, NDArray[np.uint8]], caption: str, seed: int, inspected: str
) -> str:
    """Pictures (H, W, 3) uint8 by the names of their systems, two of them under a slider.

    `inspected`: the HTML that stands beside them, `attention` or a line about why it is missing.
    """
    uris = {name: data_uri(image) for name, image in pictures.items()}
    left, right = list(uris)[:2]
    told = caption if len(caption) <= SHOWN_CAPTION else caption[:SHOWN_CAPTION] + "..."
    thumbnails = "".join(
        f'<figure data-system="{name}"><img src="{uri}" alt="{name}">'
        f"<figcaption>{name}<br><span>{pictures[name].shape[1]} px</span></figcaption></figure>"
        for name, uri in uris.items()
    )
    return (
        '<div class="comparison"><div class="beside">'
        '<div class="slider" style="--at:50%">'
        f'<img class="left" src="{uris[left]}" alt="Left: {left}">'
        f'<img class="right" src="{uris[right]}" alt="Right: {right}">'
        '<i aria-hidden="true"></i>'
        '<input type="range" min="0" max="100" step="0.5" value="50" '
        'aria-label="How much of the left picture is seen"></div>'
        f'<div class="sides">{_choice("left", uris, left)}{_choice("right", uris, right)}</div>'
        f'<div class="thumbnails">{thumbnails}</div>'
        f"<p><q>{escape(told)}</q> seed {seed}</p></div>"
        f'<div class="inspected">{inspected}</div></div>'
    )


def attention(drawn: "AttnGanPicture") -> str:
    """The words that AttnGAN used, and for each later stage where in its picture they counted.

    A stage's maps stand in one picture, word below word, through which the page shows the drawn
    one: the place of that mask is the chosen word.
    """
    if not drawn.attention:
        return empty("This AttnGAN has one stage alone, which attends to the sentence as a whole.")
    words = drawn.caption.words
    counted = drawn.attention[max(drawn.attention)].mean((1, 2))  # (words,)
    buttons = "".join(
        f'<button type="button" data-row="{row}" aria-pressed="{str(row == 0).lower()}" '
        f'style="--share:{ground:.2f}" title="{share:.1%} of the attention">{escape(word)}</button>'
        for row, (word, share, ground) in enumerate(
            zip(words, counted.tolist(), stretched(counted).tolist(), strict=True)
        )
    )
    uri = data_uri(drawn.picture)
    maps = "".join(
        f'<figure><div class="map" style="--mask:url({_mask(shares)})">'
        f'<img class="dim" src="{uri}" alt=""><img class="lit" src="{uri}" '
        f'alt="Where stage {stage} attends to the chosen word"></div>'
        f"<figcaption>stage {stage}, {shares.shape[2]}&times;{shares.shape[1]} places"
        "</figcaption></figure>"
        for stage, shares in drawn.attention.items()
    )
    unused = "".join(
        f"<p>{why}: {escape(' '.join(some))}.</p>"
        for why, some in (
            ("Words that it does not know", drawn.caption.skipped),
            (f"Beyond its {len(words)} words", drawn.caption.cut),
        )
        if some
    )
    return (
        "<h3>Where AttnGAN attends</h3><p>Choose a word; its places stay light. The fuller a "
        "word's ground, the more it counted.</p>"
        f'<div class="attention" style="--row:0;--words:{len(words)}">'
        f'<div class="spoken" role="group" aria-label="Words of AttnGAN">{buttons}</div>'
        f'<div class="maps">{maps}</div></div>{unused}'
    )


def _choice(side: str, uris: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f"<option{' selected' if name == chosen else ''}>{name}</option>" for name in uris
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
