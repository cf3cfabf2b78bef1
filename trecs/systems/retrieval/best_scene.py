"""The most similar scene of the library, rendered whole: what every system must beat."""

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, instances_of
from segmentation.filling import nearest_filled
from trecs.narrative import Narrative
from trecs.pipeline import TReCS


def best_scene(trecs: TReCS, narrative: Narrative, size: int) -> Canvas:
    """The canvas (size, size) of the scene that the pipeline finds first for a narrative's words.

    Raises InputError where there are none.
    """
    (best, _), *_ = trecs.library.search(text_vector(trecs, narrative), 1)
    labels = nearest_filled(trecs.library.label_map(best, size))
    return Canvas(labels, instances_of(labels))


def text_vector(trecs: TReCS, narrative: Narrative) -> NDArray[np.float32]:
    """The vector by which the pipeline searches for a narrative's words, (D,).

    Raises InputError where there are none.
    """
    words = [word.text for word in narrative.words]
    if not words:
        raise InputError("The narrative has a trace and no words, so nothing can be retrieved.")
    return trecs.encoder.encode_text(words, trecs.tag(narrative).probabilities)
