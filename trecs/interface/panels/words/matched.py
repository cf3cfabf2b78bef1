"""Which strokes belong to which words, told to the tracing sheet."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segmentation.labels import NAMES
from trecs.interface.pixels import colour

if TYPE_CHECKING:
    from trecs.alignment.regions import Region
    from trecs.narrative import Narrative
    from trecs.text.said import Mention


def matched(
    narrative: "Narrative", regions: Sequence["Region"], unlabelled: Sequence["Mention"] = ()
) -> str:
    """JSON of {caption, strokes, regions, unlabelled}: what was asked, and what belongs together.

    `strokes` is their number. Every region has words and pieces; a piece is [stroke, from, to], its
    stretch in seconds. `unlabelled` are nouns that no label fits, with all of their words.
    """
    return json.dumps(
        {
            "caption": narrative.caption,
            "strokes": len(narrative.strokes),
            "regions": [
                {
                    "label": NAMES[region.label],
                    "colour": colour(region.label),
                    "words": [region.start, region.stop],
                    "pieces": _pieces(region),
                }
                for region in regions
            ],
            "unlabelled": [{"noun": m.noun, "words": [m.start, m.stop]} for m in unlabelled],
        },
        ensure_ascii=False,
    )


def _pieces(region: "Region") -> list[tuple[int, float, float]]:
    drawn = zip(region.sources, region.strokes, strict=False)  # predicted strokes have no source
    return [(n, round(float(p[0, 2]), 3), round(float(p[-1, 2]), 3)) for n, p in drawn]
