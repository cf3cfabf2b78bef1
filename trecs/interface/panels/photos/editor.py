"""The label editor over a photo."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED
from trecs.data.squeezing import squeezed
from trecs.interface.panels.canvas.label_editor import LabelEditor, encode_runs
from trecs.interface.pixels import data_uri
from trecs.interface.studio import SIZE
from trecs.interface.texts import text


@dataclass(frozen=True, eq=False)
class OpenedPhoto:
    """A photo, RGB, that nothing is painted on yet."""

    photo: Image.Image


class PhotoEditor(LabelEditor):
    """A label map over a photo; the browser gets both and sends the map."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(prefix="photo", label=text("photos.section"), over_photo=True, **arguments)

    def encode(self, value: Canvas | OpenedPhoto) -> str:
        """The run-length JSON of a label map, with a photo beneath an empty one."""
        if isinstance(value, Canvas):
            return super().encode(value)
        empty: NDArray[np.uint8] = np.full((SIZE, SIZE), UNLABELED, np.uint8)
        photo = data_uri(squeezed(value.photo, SIZE))
        return json.dumps({**json.loads(encode_runs(empty)), "photo": photo})
