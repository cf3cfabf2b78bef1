"""Buttons that draw a region alone anew, by a seed of its own, and take it back."""

from collections.abc import Mapping, Sequence
from html import escape

from segmentation.labels import NAMES
from trecs.interface.pixels import colour
from trecs.narrative.seeds import MOST_SEED


def another(noun: str, label: int, seed: int | None, region: int | None = None) -> str:
    """What stands beside a region, or beside a label that no region has: "another", and its seed.

    `noun`: what it is called. `seed`: its own, None where the picture's serves it.
    """
    noun, name = escape(noun), NAMES[label]
    numbered = "" if region is None else f' data-of="{region}"'
    own = (
        f'<input type="number" data-act="seed" min="0" max="{MOST_SEED}" step="1" value="{seed}" '
        f'title="The seed that {noun} is drawn by" aria-label="Seed of {noun}">'
        f'<button type="button" data-act="back" title="As the picture\'s seed has it" '
        f'aria-label="The picture\'s seed for {noun}">\u21ba</button>'
    )
    return (
        f'<span class="reseed"{numbered} data-noun="{noun}" data-label="{name}">'
        f'<button type="button" data-act="another" aria-label="Another {noun}" '
        f'title="Draws {noun} alone anew">another</button>{own if seed is not None else ""}</span>'
    )


def others(labels: Sequence[int], seeds: Mapping[int | str, int]) -> str:
    """The row of labels that no region has: those that were painted by hand or filled in."""
    shown = "".join(
        f'<span class="other" style="--label:{colour(label)}"><b>{NAMES[label]}</b> '
        f"{another(NAMES[label], label, seeds.get(NAMES[label]))}</span>"
        for label in labels
    )
    return f'<p class="others">Painted or filled in: {shown}</p>' if shown else ""
