"""What a pipeline is told in words: what is to be seen, and what is not.

Reconstructed. The text encoders of such pipelines do not understand "no": what a text denies goes
out of the prompt into the negative one. A colour that somebody chose for a word takes the place of
those said of it.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.colours import SHADES, ColourNames, hex_of_text
from segmentation.labels import NAMES
from trecs.narrative import Narrative
from trecs.text.said import Mention, Said

MOST_LABELS = 12  # that a prompt names where there are no words
EDGES = string.punctuation + string.whitespace
SHADED = 20.0  # of 442, from black to white: what a shade's longer name must gain
SHADELESS = ("black", "white", "silver")
JOINING = ("and", "or", "but", "with")


@dataclass(frozen=True)
class Prompt:
    """`positive`: what is to be seen. `negative`: what is not; empty where nothing is denied."""

    positive: str
    negative: str = ""

    @classmethod
    def of(cls, narrative: Narrative, said: Said, canvas: Canvas) -> "Prompt":
        """That of a narrative; without words, that of its canvas."""
        words = [word.text for word in narrative.words]
        if not words:
            return cls.of_canvas(canvas)
        unlabelled = {(one.start, one.stop) for one in said.unlabelled}
        spans = [span for span in said.silent if span not in unlabelled]
        silent = {word for start, stop in spans for word in range(start, stop)}
        coloured = recoloured(words, narrative, said)
        seen = [text for word, text in enumerate(coloured) if text and word not in silent]
        return cls(tidy(seen), ", ".join(dict.fromkeys(_denied(words, spans, said))))

    @classmethod
    def of_canvas(cls, canvas: Canvas) -> "Prompt":
        """The names of a canvas's labels, the largest first."""
        names = dict.fromkeys(spoken(label) for label in canvas.labels)
        return cls(", ".join(list(names)[:MOST_LABELS]))


def spoken(label: int) -> str:
    """A label as people call it: "sky" for sky-other, "brick wall" for wall-brick."""
    head, _, kind = NAMES[label].partition("-")
    if head in ("wall", "floor") and kind != "other":
        return f"{kind} {head}"
    return head if kind in ("other", "stuff") else NAMES[label].replace("-", " ")


def colour_name(text: str) -> str:
    """The name of the colour that is nearest to "#rrggbb", such as "red" or "dark green".

    In sRGB, since in Lab a pure blue is nearest to purple. A shade must be nearer by SHADED.
    """
    names, wanted = ColourNames.read(), _rgb(text)
    plain = [name for name in names.named if name not in SHADES]
    shaded = [f"{shade} {name}" for shade in SHADES for name in plain if name not in SHADELESS]
    apart = {name: _apart(name, wanted) for name in plain}
    apart |= {name: _apart(name, wanted) + SHADED for name in shaded}
    return min(apart, key=apart.__getitem__)


def _apart(name: str, wanted: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(_rgb(hex_of_text(name)) - wanted))


def _rgb(text: str) -> NDArray[np.float64]:
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], np.float64)


def recoloured(words: Sequence[str], narrative: Narrative, said: Said) -> list[str]:
    """The words, with the colours that somebody has given in place of those said; "" for none."""
    texts = list(words)
    for word, colour in sorted(narrative.colours.items()):
        phrase = phrase_around(word, said)
        shades = {part for name in phrase.colours for part in name.split()}
        for at in range(phrase.start, phrase.stop):
            if words[at].strip(EDGES).lower() in shades and at != phrase.head:
                texts[at] = ""
        kept = [at for at in range(phrase.start, phrase.stop) if texts[at] and at not in said.bare]
        first = kept[0] if kept else word
        if colour:
            texts[first] = f"{colour_name(colour)} {words[first]}"
    return texts


def phrase_around(word: int, said: Said) -> Mention:
    """The noun phrase that a word is in, or the word alone."""
    around = [one for one in (*said.mentions, *said.unlabelled) if one.start <= word < one.stop]
    whole = [one for one in around if any(i not in said.bare for i in range(one.start, one.stop))]
    return whole[0] if whole else Mention("", -1, word, word + 1, word)


def _denied(words: Sequence[str], spans: Sequence[tuple[int, int]], said: Said) -> list[str]:
    """What the text says is not there, as it calls it; labels that it does not call by name."""
    called = [
        tidy([words[at] for at in range(start, stop) if at not in said.bare])
        for start, stop in spans
    ]
    return [one for one in called if one] or [spoken(label) for label in sorted(said.denied)]


def tidy(words: Sequence[str]) -> str:
    """Words as one line, without joining words and marks that join nothing at its ends."""
    kept = list(words)
    while kept and kept[0].strip(EDGES).lower() in (*JOINING, ""):
        kept = kept[1:]
    while kept and kept[-1].strip(EDGES).lower() in (*JOINING, ""):
        kept = kept[:-1]
    return " ".join(kept).strip(EDGES)
