"""A picture that remembers: a PNG with the narrative, the canvas and the seeds that it came from.

They stand in its text `trecs`, JSON of our own: `format`, `narrative` (as in Localized Narratives),
`seeds` and `moves` as in `result.json`, `label_map` and `instance_map` (PNGs in base64), and
`versions`. A record without `moves` is of a canvas of which nobody moved anything.
"""

import base64
import io
import json
import platform
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.png_text import SIGNATURE, text_in, with_text
from segmentation.canvas import (
    Canvas,
    instance_png,
    label_png,
    read_instance_map,
    read_label_map,
)
from segmentation.moves import Move, read_moves
from trecs.narrative import Narrative, dumps, loads

KEY, FORMAT = "trecs", 1
MOST_TEXT = 3 * 2**20  # bytes; other readers of PNGs unpack four times a MB in all
MOST_BYTES = 32 * 2**20
MAKE_ONE = "Give one that the studio drew, unchanged: editors and messengers drop what it carries."


@dataclass(frozen=True, eq=False)
class PictureRecord:
    """What a picture was drawn from; without words or strokes `seed`, the canvas's, is None."""

    narrative: Narrative
    canvas: Canvas
    seed: int | None
    picture_seed: int
    moves: tuple[Move, ...] = ()


def remembering_png(image: NDArray[np.uint8], record: PictureRecord) -> bytes:
    """A picture (H, W, 3) uint8 as a PNG that carries what it was drawn from.

    A trace that would take more room than other readers of PNGs allow is left out; the canvas that
    it led to is there.
    """
    text = _written(record)
    if len(text) > MOST_TEXT:
        text = _written(replace(record, narrative=record.narrative.without_trace()))
    return with_text(png(image), KEY, text)


def png(image: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3 or 4) uint8 as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    import torch

    from trecs import __version__

    return {"trecs": __version__, "torch": torch.__version__, "python": platform.python_version()}


def is_png(path: Path) -> bool:
    """Whether a file begins as a PNG does."""
    try:
        with path.open("rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def read_picture_record(source: Path | bytes) -> PictureRecord:
    """What a PNG remembers; raises InputError for one that is damaged or remembers nothing."""
    called = f"The picture '{source}'" if isinstance(source, Path) else "The picture"
    try:
        content = source.read_bytes() if isinstance(source, Path) else source
        if not content.startswith(SIGNATURE):
            raise ValueError("it is no PNG")
        if len(content) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 2**20} MB")
        text = text_in(content, KEY, 4 * MOST_TEXT)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{called} cannot be read ({why}). {MAKE_ONE}") from error
    if text is None:
        raise InputError(f"{called} carries no narrative. {MAKE_ONE}")
    return _parsed(text, called)


def _written(record: PictureRecord) -> str:
    told = {
        "format": FORMAT,
        "narrative": None if record.seed is None else json.loads(dumps(record.narrative)),
        "seeds": {"canvas": record.seed, "picture": record.picture_seed},
        "label_map": base64.b64encode(label_png(record.canvas.label_map)).decode(),
        "instance_map": base64.b64encode(instance_png(record.canvas.instance_map)).decode(),
        "moves": [move.to_json() for move in record.moves],
        "versions": versions(),
    }
    return json.dumps(told)


def _parsed(text: str, called: str) -> PictureRecord:
    try:
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise ValueError(f"of format {record['format']!r}; this program reads {FORMAT}")
        maps = [base64.b64decode(record[name]) for name in ("label_map", "instance_map")]
        seed, picture_seed = (record["seeds"][name] for name in ("canvas", "picture"))
        told = record["narrative"]
        if not _is_seed(picture_seed) or not (_is_seed(seed) or seed is told is None):
            raise ValueError(f"with the seeds {seed!r} and {picture_seed!r}")
        narrative = Narrative(()) if told is None else loads(json.dumps(told))
        label_map = read_label_map(maps[0])
        canvas = Canvas(label_map, read_instance_map(maps[1], label_map.shape))
        moves = read_moves(record.get("moves"))
    except (InputError, ValueError, KeyError, TypeError, RecursionError) as error:
        why = " ".join(f"{error}".split())[:200]
        raise InputError(
            f"What {called[0].lower()}{called[1:]} carries cannot be used ({why}). {MAKE_ONE}"
        ) from error
    return PictureRecord(narrative, canvas, seed, picture_seed, moves)


def _is_seed(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32
