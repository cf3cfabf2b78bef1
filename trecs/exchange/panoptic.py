"""Panoptic segmentations (Kirillov et al., CVPR 2019) as the panopticapi has them.

A PNG whose pixels tell a segment, id = R + 256 G + 65536 B, 0 for none, and a JSON with
`segments_info`: id, category_id, iscrowd, bbox and area of each. The PNG that we write carries the
JSON as its text `panoptic`, too, so that it can be opened alone.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.pictures import open_picture
from files.png_text import text_in, with_text
from retrieval.identity import whole_number
from segmentation.canvas import MAX_SIDE, Canvas
from segmentation.labels import UNLABELED
from trecs.exchange.coco import (
    MOST_BYTES,
    PICTURE,
    categories,
    labelled_parts,
    labels_of,
    parsed_json,
    segment,
    segment_ids,
)
from trecs.exchange.drawn import Drawn
from trecs.exchange.layers import MOST_LAYERS
from trecs.exchange.names import numbered
from trecs.picture_record import png

KEY = "panoptic"


def write(drawn: Drawn, name: str) -> tuple[bytes, bytes]:
    """The PNG, which is to be called `name`, and the JSON."""
    parts = labelled_parts(drawn)
    ids = segment_ids(parts)
    numbers = np.zeros(drawn.size, np.int64)
    for number, part in zip(ids, parts, strict=True):
        numbers[part.mask] = number
    height, width = drawn.size
    record = {
        "info": {"description": drawn.narrative.caption, "version": "1.0"},
        "licenses": [],
        "images": [{"id": 1, "width": width, "height": height, "file_name": PICTURE}],
        "annotations": [
            {
                "image_id": 1,
                "file_name": name,
                "segments_info": [
                    {"id": i, **segment(part)} for i, part in zip(ids, parts, strict=True)
                ],
            }
        ],
        "categories": categories(parts),
    }
    text = json.dumps(record, ensure_ascii=False)
    return with_text(png(_pixels(numbers)), KEY, text), text.encode()


def _pixels(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Segments' ids (H, W) as pixels (H, W, 3)."""
    return np.stack([numbers % 256, numbers // 256 % 256, numbers // 65536], -1).astype(np.uint8)


def carried(png_file: bytes) -> bytes | None:
    """The JSON that a PNG carries; None where it carries none that can be read."""
    try:
        text = text_in(png_file, KEY, MOST_BYTES)
    except ValueError:
        return None
    return None if text is None else text.encode()


def annotation_in(content: bytes, called: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON's object, and what it says of its one picture; raises InputError for others."""
    record = parsed_json(content, called)
    given = record["annotations"]
    one = given[0] if len(given) == 1 else None
    if not isinstance(one, dict) or not isinstance(one.get("segments_info"), list):
        raise InputError(
            f"{called} has {len(given):,} annotations; expected one, with 'segments_info', as the "
            "panopticapi has it. Give a file of one picture."
        )
    return record, one


def read(png_file: bytes, content: bytes, called: str) -> Canvas:
    """The canvas of a panoptic PNG and its JSON; raises InputError where they don't fit."""
    record, one = annotation_in(content, called)
    segments = [info for info in one["segments_info"] if isinstance(info, dict)]
    if len(segments) > MOST_LAYERS:
        raise InputError(
            f"{called} has {len(segments):,} segments; at most {MOST_LAYERS:,} are read. Merge "
            "those of one label."
        )
    known = [whole_number(info.get("id")) for info in segments]
    if len(segments) < len(one["segments_info"]) or len(set(known)) < len(known) or None in known:
        raise InputError(
            f"{called} has segments_info without an id, or with one twice; expected {{id, "
            "category_id, ...} for each segment. Save it anew."
        )
    picture = open_picture(png_file, "panoptic PNG", formats=("PNG",), most_side=MAX_SIDE)
    if picture.mode not in ("RGB", "RGBA"):
        raise InputError(
            f"The panoptic PNG has mode {picture.mode}; expected RGB, whose pixels are ids "
            "R + 256 G + 65536 B."
        )
    numbers = np.asarray(picture.convert("RGB"), np.int64) @ [1, 256, 65536]
    labels = labels_of(record, called, [info.get("category_id") for info in segments])
    foreign = sorted(set(np.unique(numbers).tolist()) - {0, *known})
    if foreign:
        raise InputError(
            f"The panoptic PNG has {len(foreign):,} segments, such as {foreign[0]}, which its JSON "
            "does not list; they are of different pictures, or one was edited with a soft brush. "
            "Give both as they belong together."
        )
    label_map = np.full(numbers.shape, UNLABELED, np.uint8)
    instance_map = np.zeros(numbers.shape, np.int32)
    for number, label, instance in zip(known, labels, numbered(labels, known), strict=True):
        mask = numbers == number
        label_map[mask], instance_map[mask] = label, instance
    return Canvas(label_map, instance_map)
