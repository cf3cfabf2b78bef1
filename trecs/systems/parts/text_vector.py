"""A narrative's words as the pipeline searches scenes by them."""

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.narrative import Narrative
from trecs.pipeline import TReCS


def text_vector(trecs: TReCS, narrative: Narrative) -> NDArray[np.float32]:
    """The vector by which the pipeline searches for a narrative's words, (D,).

    Raises InputError where there are none.
    """
    words = [word.text for word in narrative.words]
    if not words:
        raise InputError("The narrative has a trace and no words, so nothing can be retrieved.")
    return trecs.encoder.encode_text(words, trecs.tag(narrative).probabilities)
