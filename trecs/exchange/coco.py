"""COCO's annotations (.json): a picture's instances with masks as compressed run lengths.

Stuff is annotated as things are, one for each label, as COCO-Stuff's own JSON has it. A category's
id is the label's value plus one, an instance's id its number on the canvas.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from files.errors import InputError
from files.text import decoded
from retrieval.identity import whole_number
from retrieval.silhouettes import MAX_SIDE, BadOutline, read_outline, silhouette
from segmentation.canvas import Canvas
from segmentation.labels import COUNT, NAMES, UNLABELED, is_thing
from segmentation.masks import encode
from trecs.exchange.drawn import Drawn, Part
from trecs.exchange.layers import MOST_LAYERS, MOST_PIXELS, check_size
from trecs.exchange.names import label_named, numbered, unknown

PICTURE = "image.png"  # what the picture is called; `trecs draw` writes it so
MOST_BYTES = 16 * 2**20
MOST_OUTLINE = 2**21  # pixels along a polygon, for each of which pycocotools takes 40 bytes
MOST_OUTLINES = 2**25  # along all of them


def write(drawn: Drawn) -> bytes:
    """The drawing's regions as one COCO file of one picture; what is unlabeled is left out."""
    height, width = drawn.size
    parts = labelled_parts(drawn)
    ids = segment_ids(parts)
    record = {
        "info": {"description": drawn.narrative.caption, "version": "1.0"},
        "licenses": [],
        "images": [{"id": 1, "width": width, "height": height, "file_name": PICTURE}],
        "annotations": [
            {
                "id": number,
                "image_id": 1,
                **segment(part),
                "segmentation": {"size": [height, width], "counts": encode(part.mask).decode()},
            }
            for number, part in zip(ids, parts, strict=True)
        ],
        "categories": categories(parts),
    }
    return json.dumps(record, ensure_ascii=False).encode()


def labelled_parts(drawn: Drawn) -> list[Part]:
    """The parts that have a label."""
    return [part for part in drawn.parts() if part.label != UNLABELED]


def segment_ids(parts: list[Part]) -> list[int]:
    """An id for each part: of an instance its number, of others those that follow.

    A number that two labels share, as maps from elsewhere may have it, is the first one's.
    """
    following = max((part.number for part in parts), default=0) + 1
    ids: list[int] = []
    for part in parts:
        own = part.number if part.number not in ids else 0
        ids.append(own or following)
        following += not own
    return ids


def segment(part: Part) -> dict[str, Any]:
    """What annotations and panoptic segments tell alike: category, area and box in pixels."""
    left, top, right, bottom = part.bounds
    return {
        "category_id": part.label + 1,
        "iscrowd": 0,
        "area": int(part.mask.sum()),
        "bbox": [left, top, right - left, bottom - top],
    }


def categories(parts: list[Part]) -> list[dict[str, Any]]:
    """The categories of parts."""
    return [
        {
            "id": label + 1,
            "name": NAMES[label],
            "supercategory": "thing" if is_thing(label) else "stuff",
            "isthing": int(is_thing(label)),
        }
        for label in sorted({part.label for part in parts})
    ]


def parsed_json(content: bytes, called: str) -> dict[str, Any]:
    """The object in a JSON file; raises InputError for all else."""
    if len(content) > MOST_BYTES:
        raise InputError(
            f"{called} has more than {MOST_BYTES // 2**20} MB; give the annotations of one "
            "picture, not a whole data set."
        )
    try:
        record = json.loads(decoded(content, called))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{called} is cut off or no JSON ({error}); save it anew.") from error
    if not isinstance(record, dict) or not isinstance(record.get("annotations"), list):
        raise InputError(
            f"{called} has no list 'annotations'; expected COCO's instances (annotations with "
            "segmentation), or its panoptic segments."
        )
    return record


def labels_of(record: Mapping[str, Any], called: str, used: list[Any]) -> list[int]:
    """The labels that categories' ids mean, by their names; without any as COCO-Stuff's ids.

    Raises InputError for ids that are not listed and names that are no labels.
    """
    listed = record.get("categories")
    names = {
        whole_number(one.get("id")): str(one.get("name", ""))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and whole_number(one.get("id")) is not None
    } or {label + 1: name for label, name in enumerate(NAMES)}
    missing = [category for category in used if whole_number(category) not in names]
    if missing:
        raise InputError(
            f"{called} uses the category {str(missing[0])[:20]}, which its 'categories' lack; list "
            f"each as {{id, name}} (ids 1 to {COUNT} where there is no list)."
        )
    named = [names[whole_number(category)] for category in used]
    wrong = [name for name in named if label_named(name) is None]
    if wrong:
        raise unknown(wrong, called, "categories", ", or leave their annotations out")
    return [label for name in named if (label := label_named(name)) is not None]


def read(content: bytes, called: str) -> Canvas:
    """The canvas of the one picture that a COCO file annotates; later annotations hide earlier.

    Stuff lies beneath all things. What no annotation covers is unlabeled. Raises InputError for
    files of several pictures, damaged outlines, and categories that are no labels.
    """
    record = parsed_json(content, called)
    given = [one for one in record["annotations"] if isinstance(one, dict)]
    if not given or len(given) < len(record["annotations"]) or len(given) > MOST_LAYERS:
        raise InputError(
            f"{called} has {len(record['annotations']):,} annotations, {len(given):,} of which are "
            f"objects; expected 1 to {MOST_LAYERS:,} of one picture."
        )
    height, width = _size(record, given, called)
    labels = labels_of(record, called, [one.get("category_id") for one in given])
    if len(given) * height * width > MOST_PIXELS:
        raise InputError(
            f"{called} has {len(given):,} annotations of {width}x{height} pixels, more than are "
            "read; scale it down."
        )
    numbers = numbered(labels, [whole_number(one.get("id")) for one in given])
    label_map = np.full((height, width), UNLABELED, np.uint8)
    instance_map = np.zeros((height, width), np.int32)
    order = sorted(range(len(given)), key=lambda i: is_thing(labels[i]))
    drawn = 0.0
    for i in order:
        try:
            shape = read_outline(given[i].get("segmentation"), height, width)
            drawn = _check_outline(shape, drawn)
            mask = silhouette({"segmentation": shape}, height, width)
        except BadOutline as error:
            raise InputError(
                f"Annotation {i + 1} of {called[0].lower()}{called[1:]} cannot be used: {error}. "
                "Save it anew."
            ) from error
        label_map[mask], instance_map[mask] = labels[i], numbers[i]
    return Canvas(label_map, instance_map)


def _check_outline(shape: Any, drawn: float) -> float:
    """The pixels along all outlines with this one; `drawn`: along those before.

    Raises BadOutline where they are so many that drawing them would fill the memory, or last.
    """
    for polygon in shape if isinstance(shape, list) else []:
        points = np.clip(np.asarray(polygon, np.float64).reshape(-1, 2), -MAX_SIDE, 2 * MAX_SIDE)
        length = float(np.abs(points - np.roll(points, 1, 0)).max(1).sum())
        drawn += length
        if length > MOST_OUTLINE or drawn > MOST_OUTLINES:
            raise BadOutline(
                "damaged", "its outline, or all up to it, goes to and fro over millions of pixels"
            )
    return drawn


def _size(record: Mapping[str, Any], given: list[dict[str, Any]], called: str) -> tuple[int, int]:
    """Height and width of the one picture that is annotated."""
    pictures = {str(one.get("image_id")) for one in given}
    if len(pictures) > 1:
        raise InputError(
            f"{called} annotates {len(pictures):,} pictures; a canvas is of one. Give a file with "
            "the annotations of one image_id."
        )
    images = record.get("images")
    image = next(
        (
            one
            for one in (images if isinstance(images, list) else [])
            if isinstance(one, dict) and str(one.get("id")) in pictures
        ),
        None,
    )
    shape = given[0].get("segmentation")
    sides: Any = (image.get("height"), image.get("width")) if image is not None else None
    if sides is None and isinstance(shape, dict):
        sides = shape.get("size")
    if not isinstance(sides, list | tuple) or len(sides) != 2:
        sides = (None, None)
    height, width = whole_number(sides[0]), whole_number(sides[1])
    if height is None or width is None:
        raise InputError(
            f"{called} does not say how large its picture is; expected it in 'images' with id, "
            "width and height."
        )
    check_size(height, width, called)
    return height, width
