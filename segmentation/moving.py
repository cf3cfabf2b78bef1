"""Moves applied to placements: the same masks elsewhere, larger, turned, twice, or gone.

The order in which a canvas was painted is made explicit first, so that what nobody touched stays as
it lies, and what is moved lies where it was put, whatever the rules of composing would say.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from files.errors import InputError
from segmentation.composition import (
    Placement,
    back_to_front,
    hidden_by,
    painted_stuff,
    painted_things,
    single_things,
)
from segmentation.labels import NAMES, is_thing
from segmentation.masks import Mask
from segmentation.moves import Move, Moved, check_once, check_sizes, moved_mask

Part = tuple[int, int]  # the number of a placement, and of one of its masks

COPY_STEP = 1e-3  # of the order, from a mask to its duplicate in front of it


def painting_order(placements: Sequence[Placement], size: int) -> list[Part]:
    """All masks of placements that nobody moved, back to front as `compose` lays them.

    Stuff that hides things comes right after those.
    """
    placements = [replace(p, masks=tuple(replace(m) for m in p.masks)) for p in placements]
    of_mask = {
        id(mask): (region, part)
        for region, placement in enumerate(placements)
        for part, mask in enumerate(placement.masks)
    }
    things = [one for _, one in single_things(placements)]
    stuff = [placement for placement in placements if not is_thing(placement.label)]
    _, behind = painted_stuff(stuff, size)
    instances, numbers = painted_things([one.mask.render(size, size) for one in things], size)
    ordered = [[of_mask[id(things[number - 1].masks[0])]] for number in numbers]
    in_front = []
    for one in back_to_front([p for p in stuff if p.nearer is not None]):
        hidden = hidden_by(one, things, instances)
        if hidden.any():
            last = max(numbers.index(number) for number in set(instances[hidden].tolist()))
            ordered[last] += _parts(one, of_mask)
            in_front.append(one)
    first = [part for one in behind if one not in in_front for part in _parts(one, of_mask)]
    return first + [part for parts in ordered for part in parts]


def moved(placements: Sequence[Placement], moves: Sequence[Move], size: int) -> list[Placement]:
    """Placements, one for each region, after some moves, for a canvas of (size, size).

    Without moves they are as they were. Raises InputError for a move of a mask that is not there,
    for two of the same one, and for masks that become too large.
    """
    if not moves:
        return list(placements)
    check_once(moves)
    asked_masks: list[tuple[Mask, Move]] = []
    of_part: dict[Part, list[Move]] = defaultdict(list)
    for move in sorted(moves, key=lambda move: move.copy):
        _check_there(placements, move)
        asked_masks.append((placements[move.region].masks[move.part], move))
        of_part[move.region, move.part].append(move)
    check_sizes(asked_masks, size)
    order = {part: place for place, part in enumerate(painting_order(placements, size))}
    result = []
    for region, placement in enumerate(placements):
        masks: list[Mask] = []
        told: list[Moved] = []
        for part, mask in enumerate(placement.masks):
            asked = of_part[region, part]
            if not asked or asked[0].copy:  # the mask itself stays
                asked = [Move(region, part), *asked]
            left, top, right, bottom = mask.box
            middle = ((left + right) / 2, (top + bottom) / 2)
            for move in asked:
                if move.deleted:
                    continue
                place = order[region, part] + COPY_STEP * move.copy
                label = placement.label if move.label is None else move.label
                where = place if move.order is None else move.order
                masks.append(moved_mask(mask, move, size))
                told.append(Moved(move, label, where, middle))
        result.append(replace(placement, masks=tuple(masks), moved=tuple(told)))
    return result


def _parts(placement: Placement, of_mask: dict[int, Part]) -> list[Part]:
    return [of_mask[id(mask)] for mask in placement.masks]


def _check_there(placements: Sequence[Placement], move: Move) -> None:
    if move.region >= len(placements):
        raise InputError(
            f"A move is of region {move.region}; there are {len(placements)}, numbered from 0."
        )
    placement = placements[move.region]
    if move.part >= len(placement.masks):
        raise InputError(
            f"A move is of part {move.part} of region {move.region} ({NAMES[placement.label]}), "
            f"which has {len(placement.masks)}, numbered from 0."
        )
