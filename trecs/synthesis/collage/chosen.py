"""Which masks a canvas was composed of, where they come from a library with photos."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.choice import Choice
from retrieval.library import SceneLibrary
from retrieval.placing import Origin, origins
from segmentation.composition import Placement, single_things
from segmentation.labels import is_thing


@dataclass(frozen=True, eq=False)
class Chosen:
    """Origins of what was composed: of `things` by their number on the canvas, of `stuff` by label.

    `scenes`: those that were found for the words, best first.
    """

    things: Mapping[int, Origin] = field(default_factory=dict)
    stuff: Mapping[int, Sequence[Origin]] = field(default_factory=dict)
    scenes: Sequence[int] = ()

    @staticmethod
    def of(
        library: SceneLibrary,
        choices: Sequence[Choice],
        placements: Sequence[Placement | None],
        scenes: Sequence[int],
    ) -> "Chosen":
        """Those of `choices` and the `placements` that came of them, as they were composed."""
        of_mask: dict[int, Origin] = {}
        stuff: dict[int, list[Origin]] = defaultdict(list)
        whole = [placement for placement in placements if placement is not None]
        for choice, placement in zip(choices, placements, strict=True):
            found = origins(library, choice)
            if placement is None or not found:
                continue
            if placement.moved:
                found = tuple(replace(found[how.move.part], moved=how) for how in placement.moved)
            for one, origin in zip(placement.apart(), found, strict=True):
                if is_thing(one.label):
                    of_mask[id(one.masks[0])] = origin
                elif one.label == placement.label:
                    stuff[one.label].append(origin)
        things = {
            number: of_mask[id(one.masks[0])]
            for number, (_, one) in enumerate(single_things(whole), 1)
            if id(one.masks[0]) in of_mask
        }
        return Chosen(things, stuff, scenes)
