"""The parts of a result that has them."""

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.composition import Placement
from trecs.alignment.regions import Region
from trecs.result import Result


def canvas_of(result: Result) -> Canvas:
    """The canvas of a result that is composed."""
    assert result.canvas is not None
    return result.canvas


def image_of(result: Result) -> NDArray[np.uint8]:
    """The picture of a result that is drawn."""
    assert result.image is not None
    return result.image


def regions_of(result: Result) -> tuple[Region, ...]:
    """The regions of a result that is aligned."""
    assert result.regions is not None
    return result.regions


def placements_of(result: Result) -> tuple[Placement | None, ...]:
    """The placements of a result that is composed."""
    assert result.placements is not None
    return result.placements
