"""Buttons that draw a region alone anew, by a seed of its own, and take it back."""

from collections.abc import Mapping, Sequence
from html import escape

from segmentation.labels import NAMES
from trecs.interface.pixels import colour
from trecs.interface.texts import escaped, markup
from trecs.narrative.seeds import MOST_SEED


def another(noun: str, label: int, seed: int | None, region: int | None = None) -> str:
    """What stands beside a region, or beside a label that no region has: "another", and its seed.

    `noun`: what it is called. `seed`: its own, None where the picture's serves it.
    """
    numbered = "" if region is None else f' data-of="{region}"'
    own = (
        f'<input type="number" data-act="seed" min="0" max="{MOST_SEED}" step="1" value="{seed}" '
        f'title="{escaped("regions.seed_title", noun=noun)}" '
        f'aria-label="{escaped("regions.seed", noun=noun)}">'
        f'<button type="button" data-act="back" title="{escaped("regions.back_title")}" '
        f'aria-label="{escaped("regions.back", noun=noun)}">\u21ba</button>'
    )
    return (
        f'<span class="reseed"{numbered} data-noun="{escape(noun)}" data-label="{NAMES[label]}">'
        f'<button type="button" data-act="another" '
        f'aria-label="{escaped("regions.another_name", noun=noun)}" '
        f'title="{escaped("regions.another_title", noun=noun)}">{escaped("regions.another")}'
        f"</button>{own if seed is not None else ''}</span>"
    )


def others(labels: Sequence[int], seeds: Mapping[int | str, int]) -> str:
    """The row of labels that no region has: those that were painted by hand or filled in."""
    shown = "".join(
        f'<span class="other" style="--label:{colour(label)}"><b>{NAMES[label]}</b> '
        f"{another(NAMES[label], label, seeds.get(NAMES[label]))}</span>"
        for label in labels
    )
    return f'<p class="others">{markup("regions.others", labels=shown)}</p>' if shown else ""
