"""The regions' own seeds, which somebody has given them."""

from collections.abc import Sequence
from dataclasses import replace

from segmentation.labels import NAMES
from trecs.alignment.regions import Region
from trecs.narrative import Narrative


def with_seeds(regions: Sequence[Region], narrative: Narrative) -> tuple[Region, ...]:
    """The regions with their seeds: of several words' the last one's, else that of the label."""
    seeds = narrative.seeds

    def seed_of(region: Region) -> int | None:
        given = [word for word in range(region.start, region.stop) if word in seeds]
        return seeds[given[-1]] if given else seeds.get(NAMES[region.label])

    return tuple(replace(region, seed=seed_of(region)) for region in regions)
