"""For each region, the mask that was chosen and its runners-up, as buttons that swap them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from files.errors import InputError
from retrieval.choice import Choice
from retrieval.library import SceneLibrary
from retrieval.placing import place
from segmentation.labels import NAMES, palette
from segmentation.moves import Move
from trecs.interface.pixels import colour, data_uri
from trecs.interface.texts import escaped, text

SIDE = 72  # pixels of a thumbnail


def _widened() -> dict[str, str]:
    """Where a mask was found, by the name of the ring."""
    return {
        "retrieved scenes": escaped("masks.retrieved"),
        "more scenes": escaped("masks.more"),
        "whole library": escaped("masks.library"),
        "hull itself": escaped("masks.hull"),
    }


def mask_choices(
    choices: Sequence[Choice], library: SceneLibrary, painted_over: Collection[int] = ()
) -> str:
    """A row of thumbnails for every choice; the pressed one is on the canvas.

    A thumbnail of a group shows all of its silhouettes, of which the card's own is the first.
    `painted_over`: the numbers of the choices of which nothing is on the canvas any more.
    """
    rows, widened, gone = [], _widened(), escaped("masks.painted_over")
    for number, choice in enumerate(choices):
        label = choice.query.label
        shown = None if number in painted_over else choice.selected
        cards = "".join(
            _card(choice, number, rank, library, rank == shown)
            for rank in range(len(choice.candidates))
        )
        told = widened[choice.widened] if shown is not None else gone
        rows.append(
            f'<li data-region="{number}" style="--label:{colour(label)}">'
            f"<p><i>{number + 1}</i><b>{NAMES[label]}</b> "
            f"<span>{told}</span></p>"
            f'<div class="candidates">{cards}</div></li>'
        )
    return f'<ol class="choices">{"".join(rows)}</ol>'


def _card(choice: Choice, number: int, rank: int, library: SceneLibrary, pressed: bool) -> str:
    candidate = choice.candidates[rank]
    silhouette = place(library, replace(choice, selected=rank)).mask.render(SIDE, SIDE)
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[silhouette] = (*palette()[candidate.label].tolist(), 255)
    corners = " ".join(f"{x * SIDE:.1f},{y * SIDE:.1f}" for x, y in choice.query.hull)
    percent = f"{candidate.overlap:.0%}"
    found = {"percent": percent, "score": f"{candidate.score:.2f}", "scene": candidate.scene}
    mask, title = text("masks.runner_up", number=rank + 1), escaped("masks.card_title", **found)
    if rank == choice.selected:
        mask = text("masks.chosen")
    if choice.count > 1:
        mask = text("masks.group", mask=mask, number=choice.count)
        title = escaped("masks.card_title_group", **found)
    told = escaped("masks.card", label=NAMES[candidate.label], mask=mask, percent=percent)
    return (
        f'<button type="button" data-choice="{number}" data-rank="{rank}" '
        f'aria-pressed="{str(pressed).lower()}" aria-label="{told}" title="{title}">'
        f'<img src="{data_uri(pixels)}" alt="" width="{SIDE}" height="{SIDE}">'
        f'<svg viewBox="0 0 {SIDE} {SIDE}" aria-hidden="true"><polygon points="{corners}"/></svg>'
        f"<small>{percent}</small></button>"
    )


def swapped(choices: Sequence[Choice], data: object) -> tuple[Choice, ...]:
    """The choices with another candidate selected; `data` is {choice, rank} from the browser.

    Raises InputError where that names no candidate.
    """
    given = data if isinstance(data, dict) else {}
    number, rank = given.get("choice"), given.get("rank")
    if (
        type(number) is not int
        or type(rank) is not int
        or not 0 <= number < len(choices)
        or not 0 <= rank < len(choices[number].candidates)
    ):
        raise InputError(text("masks.gone"))
    changed = list(choices)
    changed[number] = replace(choices[number], selected=rank)
    return tuple(changed)


def undeleted(moves: Sequence[Move], region: int) -> tuple[Move, ...]:
    """The moves with those masks of a region there again that were deleted."""
    return tuple(replace(m, deleted=False) if m.region == region else m for m in moves)
