"""Photoshop's documents (.psd), which Krita, GIMP, Affinity Photo and Photopea read as well.

Written and read by `psd-tools`. The merged picture, which programs without layers show, is the
picture itself.
"""

import io
import logging
import warnings
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas
from trecs.exchange.drawn import Drawn
from trecs.exchange.layers import (
    CANVAS,
    MOST_DEPTH,
    MOST_PIXELS,
    PICTURE,
    REGIONS,
    TRACE,
    Found,
    Sheet,
    canvas_of,
    check_size,
    other_sheets,
    region_sheets,
)

if TYPE_CHECKING:
    from psd_tools.api.layers import GroupMixin, Layer

SIGNATURE = b"8BPS"


def write(drawn: Drawn) -> bytes:
    """The drawing as a PSD file."""
    from psd_tools import PSDImage

    others = other_sheets(drawn)
    # With a channel of opacity, or psd-tools would make a mask of that of each layer.
    psd = PSDImage.frompil(Image.fromarray(others[PICTURE].pixels))
    _add(psd, others[PICTURE])
    _add(psd, others[CANVAS])
    group = psd.create_group(name=REGIONS)
    for sheet in region_sheets(drawn):
        _add(group, sheet)
    if TRACE in others:
        _add(psd, others[TRACE])
    buffer = io.BytesIO()
    psd._record.write(buffer)  # `save` would merge the layers anew, which gives the same picture
    return buffer.getvalue()


def _add(parent: "GroupMixin", sheet: Sheet) -> None:
    image = Image.fromarray(sheet.pixels)
    layer = parent.create_pixel_layer(image, name=sheet.name, left=sheet.left, top=sheet.top)
    layer.visible = sheet.visible


def read(content: bytes, called: str) -> Canvas:
    """The canvas that a PSD file's layers show; raises InputError for one that is none."""
    from psd_tools import PSDImage
    from psd_tools.compression import PSDDecompressionWarning

    if len(content) >= 26:  # before anything is read of it; its head has 26 bytes
        height, width = (int.from_bytes(content[at : at + 4], "big") for at in (14, 18))
        check_size(height, width, called)
    # Else a damaged layer would be read as an opaque or an empty one.
    warnings.filterwarnings("error", category=PSDDecompressionWarning)
    logging.getLogger("psd_tools").setLevel(logging.CRITICAL)  # what matters is raised
    try:
        psd = PSDImage.open(io.BytesIO(content), max_alloc_bytes=4 * MOST_PIXELS)
        if not len(psd):
            raise InputError(
                f"{called} has no layers, only the merged picture; save it with its layers."
            )
        return canvas_of(_found(psd, called, 0), psd.height, psd.width, called)
    except InputError:
        raise
    except Exception as error:  # psd-tools raises whatever the bytes lead to
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(
            f"{called} is cut off or damaged ({why}); save it anew, or copy it again."
        ) from error


def _found(layers: "Iterable[Layer]", called: str, depth: int) -> tuple[Found, ...]:
    """What is in a document or a group, from bottom to top."""
    if depth > MOST_DEPTH:
        raise InputError(f"{called} has groups more than {MOST_DEPTH} levels deep; flatten some.")
    found = []
    for layer in layers:
        name, visible = layer.name.rstrip("\0"), layer.visible and layer.opacity > 0
        if layer.is_group():
            inside = _found(layer, called, depth + 1)  # type: ignore[arg-type]
            found.append(Found(name, visible, inside))
        elif layer.has_pixels():
            box = layer.left, layer.top, layer.width, layer.height
            found.append(Found(name, visible, None, box, partial(_alpha, layer)))
    return tuple(found)


def _alpha(layer: "Layer") -> NDArray[np.uint8]:
    """A layer's opacity (height, width), less what its mask hides."""
    from psd_tools.constants import ChannelID

    picture = layer.topil(ChannelID.TRANSPARENCY_MASK)
    alpha = np.full((layer.height, layer.width), 255, np.uint8)  # of a background
    if picture is not None:
        alpha = np.asarray(picture.convert("L"), np.uint8)
    mask = layer.mask
    if mask is None or mask.disabled:
        return alpha
    shown = Image.new("L", (layer.width, layer.height), mask.background_color)
    if (stored := mask.topil()) is not None:
        shown.paste(stored.convert("L"), (mask.left - layer.left, mask.top - layer.top))
    return np.minimum(alpha, np.asarray(shown, np.uint8))
