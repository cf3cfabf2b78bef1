"""Other colours and seeds for the things of words that were drawn already."""

from dataclasses import replace

import numpy as np

from trecs.alignment.coloured import with_colours
from trecs.alignment.seeded import with_seeds
from trecs.narrative import Narrative
from trecs.result import Result
from trecs.text.said import Said


def alike(first: Narrative, second: Narrative) -> bool:
    """Whether two narratives say, draw, bind and label the same, whatever their ids are, and
    whatever colours and seeds somebody chose."""
    return (
        first.words == second.words
        and first.bindings == second.bindings
        and first.labels == second.labels
        and len(first.strokes) == len(second.strokes)
        and all(map(np.array_equal, first.strokes, second.strokes))
    )


def recoloured(result: Result, narrative: Narrative) -> Result:
    """A result of the same words with the colours and seeds that were chosen since, and no picture
    of it yet.

    Its canvas stays, with what was painted on it. Unchanged where the words are others, too.
    """
    before = result.narrative
    same = before.colours == narrative.colours and before.seeds == narrative.seeds
    if same or not alike(before, narrative):
        return result
    said = result.tags.said if result.tags is not None else Said()
    told = replace(before, colours=narrative.colours, seeds=narrative.seeds)
    regions = result.regions and with_seeds(with_colours(result.regions, told, said), told)
    return replace(
        result,
        narrative=told,
        regions=regions,
        composed=result.composed and recoloured(result.composed, narrative),
        image=None,
        picture_seed=None,
        seconds={stage: time for stage, time in result.seconds.items() if stage != "synthesize"},
    )
