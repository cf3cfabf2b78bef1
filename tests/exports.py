"""Annotation files as tools export them, and folders of photos and maps around one."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from segmentation.labels import value_of

WIDTH, HEIGHT = 64, 48
DOG, CAT, GRASS = (value_of(name) for name in ("dog", "cat", "grass"))
SQUARE = [10, 10, 40, 10, 40, 30, 10, 30]
CATEGORIES = [{"id": 17, "name": "cat"}, {"id": 18, "name": "dog"}]
NARRATIVE = {
    "annotator_id": 3,
    "caption": "a dog",
    "timed_caption": [{"utterance": "a dog", "start_time": 0.0, "end_time": 1.0}],
    "traces": [[{"x": 0.4, "y": 0.4, "t": 0.25}]],
}


def image(number: Any = 1, name: str = "a.jpg", **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT, **more}


def annotation(**more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 1, "category_id": 18, "segmentation": [SQUARE], **more}


def export(
    path: Path,
    *,
    images: Sequence[Any] = (image(),),
    annotations: Sequence[Any] = (annotation(),),
    categories: Sequence[Any] | None = CATEGORIES,
) -> Path:
    """Writes an annotation file."""
    record = {"images": images, "annotations": annotations}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record | ({"categories": categories} if categories else {})))
    return path


def label_map(*, thing: int = DOG, stuff: int = GRASS) -> Any:
    """The map of a photo with a thing where SQUARE is, (48, 64) uint8."""
    pixels = np.full((HEIGHT, WIDTH), stuff, np.uint8)
    pixels[10:30, 10:40] = thing
    return pixels


def coco(
    folder: Path,
    names: Sequence[str] = ("000000000001.jpg",),
    *,
    ids: Sequence[Any] = (),
    split: str = "val",
    **more: Any,
) -> Path:
    """A folder as `trecs data prepare` takes it; each photo has a grey of its own.

    Each has a map of a dog on grass, its own narrative and caption.
    """
    ids = ids or range(1, len(names) + 1)
    images = [image(number, name) for number, name in zip(ids, names, strict=True)]
    given = {"annotations": [annotation(id=n, image_id=n) for n in ids]} | more
    export(folder / f"annotations/instances_{split}2017.json", images=images, **given)
    captions = [{"image_id": number, "caption": f"photo {number}"} for number in ids]
    path = folder / f"annotations/captions_{split}2017.json"
    path.write_text(json.dumps({"annotations": captions}))
    told = [{**NARRATIVE, "image_id": str(number)} for number in ids]
    path = folder / f"coco_{split}_localized_narratives.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in told))
    for position, name in enumerate(names):
        bare = Path(name.replace("\\", "/"))
        photo = folder / f"{split}2017" / bare.name
        photo.parent.mkdir(exist_ok=True)
        grey = Image.new("RGB", (WIDTH, HEIGHT), (grey_of(position),) * 3)
        grey.save(photo, "PNG" if photo.suffix == ".png" else "JPEG")
        maps = folder / "stuffthingmaps" / f"{split}2017"
        maps.mkdir(parents=True, exist_ok=True)
        Image.fromarray(label_map()).save(maps / f"{bare.stem}.png")
    return folder


def grey_of(position: int) -> int:
    """The grey of the photo at a position."""
    return 40 + 60 * position
