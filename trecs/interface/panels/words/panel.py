"""The words in runs of one label, each as sure as it is, and what it could also have meant."""

from collections.abc import Sequence
from html import escape
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import NAMES
from trecs.interface.assets import script
from trecs.interface.panel import Panel, Updates, changed, empty, html
from trecs.interface.panels.words.matched import matched
from trecs.interface.pixels import colour
from trecs.interface.texts import escaped, markup, text
from trecs.result import Result
from trecs.text.said import UNNAMED

if TYPE_CHECKING:
    from trecs.alignment.regions import Region
    from trecs.narrative import Narrative
    from trecs.tagging.tagger import Tags

SHOWN_LABELS = 5  # most probable labels of a word
TOLD = count()  # the page gets no value that is as before, and may have to be told again


class Words(Panel):
    """What was said, with the label of every word."""

    anchor = "words"

    def __init__(self) -> None:
        super().__init__()
        scripts = script("links.js", "panels/words/word_detail.js", "panels/words/matched.js")
        self.words = html(empty(text("words.empty")), "words", scripts)
        self.outputs = (self.words,)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("words.title"), text("words.what")

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Other words, or other regions that they belong to."""
        if result.tags is None or not changed(result, before, "tags", "regions"):
            return {}
        return {self.words: words(result.narrative, result.tags, result.regions)}

    def retold(self, result: Result) -> Updates:
        """A sheet that was cleared and filled again has lost its strokes' words."""
        return self.updates(result, None)


def words(narrative: "Narrative", tags: "Tags", found: "Sequence[Region] | None" = None) -> str:
    """The words in runs of one label, each with its probability and the next best labels.

    `found`: the regions, once they are known. Their numbers stand beside the labels. A noun that no
    label fits has none, unless the tagger's stands in.
    """
    regions = found or ()
    region_of = {i: n for n, region in enumerate(regions) for i in range(region.start, region.stop)}
    labels = tags.labels.tolist()
    without = tags.said.unlabelled
    for mention in without:
        for i in range(mention.start, mention.stop):
            if i not in region_of:
                labels[i] = UNNAMED
    runs: list[list[int]] = []
    for i, label in enumerate(labels):
        if (
            runs
            and labels[runs[-1][0]] == label
            and region_of.get(runs[-1][-1]) == region_of.get(i)
        ):
            runs[-1].append(i)
        else:
            runs.append([i])
    parts = []
    for run in runs:
        label = labels[run[0]]
        spoken = " ".join(_word(narrative.words[i].text, tags.probabilities[i], label) for i in run)
        if label == UNNAMED:
            parts.append(
                f'<span class="run unlabelled" title="{escaped("words.unlabelled")}">'
                f'<span class="run-words">{spoken}</span>'
                f"<small>{escaped('words.no_label')}</small></span>"
            )
            continue
        link, kind, number = "", "run", ""
        if run[0] in region_of:
            place = region_of[run[0]]
            link, number = f' data-region="{place}"', f"<i>{place + 1}</i>"
            if regions[place].predicted:
                kind, link = "run guessed", f'{link} title="{escaped("words.predicted")}"'
        parts.append(
            f'<span class="{kind}" style="--label:{colour(label)}"{link}>'
            f'<span class="run-words">{spoken}</span><small>{number}{NAMES[label]}</small></span>'
        )
    told = ""
    if found is not None:
        told = (
            f' data-matched="{escape(matched(narrative, found, without))}" data-told="{next(TOLD)}"'
        )
    lacking = "".join(f"<li>{_lacking(noun)}</li>" for noun in tags.unknown)
    return (
        f'<div class="words"{told}>{" ".join(parts)}</div>'
        + (f'<ul class="lacking">{lacking}</ul>' if lacking else "")
        + f'<p class="word-detail" aria-live="polite">{escaped("words.detail")}</p>'
    )


def _lacking(noun: str) -> str:
    """The line of a noun that no label fits; pressed, it asks for one where the words are bound."""
    pick = (
        f'<button type="button" class="pick" data-pick="{escape(noun)}">'
        f"{escaped('words.pick')}</button>"
    )
    return markup("words.lacking", noun=escape(noun), pick=pick)


def _word(word: str, probabilities: NDArray[np.float32], label: int) -> str:
    if label == UNNAMED:
        return f'<span class="word" style="--sure:0">{escape(word)}</span>'
    order = np.argsort(-probabilities, kind="stable")[:SHOWN_LABELS].tolist()
    others = ", ".join(f"{NAMES[i]} {probabilities[i]:.0%}" for i in order)
    return (
        f'<button type="button" class="word" data-top="{others}" '
        f'style="--sure:{probabilities[label]:.3f}">{escape(word)}</button>'
    )
