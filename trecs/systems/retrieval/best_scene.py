"""The most similar scene of the library, rendered whole: what every system must beat."""

from segmentation.canvas import Canvas, instances_of
from segmentation.filling import nearest_filled
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.parts.text_vector import text_vector


def best_scene(trecs: TReCS, narrative: Narrative, size: int) -> Canvas:
    """The canvas (size, size) of the scene that the pipeline finds first for a narrative's words.

    Raises InputError where there are none.
    """
    (best, _), *_ = trecs.library.search(text_vector(trecs, narrative), 1)
    labels = nearest_filled(trecs.library.label_map(best, size))
    return Canvas(labels, instances_of(labels))
