"""Small made-up data, so that the whole evaluation can be tried where there is none.

Reconstructed. The shape and layout models make up scenes that are in no library; a template names
some of their labels, the simulated annotator traces them, and the "photos" are the scenes rendered
by the generator with a seed that no evaluation uses.
"""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.progress import progress_bar
from files.whole import write_atomically
from retrieval import layouts, shapes
from retrieval.generation import Scene, generate_scene
from segmentation.canvas import Canvas, label_png
from segmentation.filling import nearest_filled
from segmentation.labels import FIRST_STUFF, NAMES, UNLABELED
from trecs import narrative
from trecs.data.annotator import simulate
from trecs.device import best_device
from trecs.installed import generator_folder, thumbnails_folder
from trecs.synthesis import Generator

SIDE = 128
NARRATIVES = 24
TRAINING_PHOTOS = 24
MOST_LABELS = 5
SEED = 2**31
NOTE = (
    "MADE-UP DATA (--quick): scenes by the shape and layout models, template narratives, simulated "
    'traces, and "photos" that are the generator\'s own renderings under other seeds. The numbers '
    "show that the evaluation runs; they say nothing of how good pictures are."
)


def make(checkpoint: Path, folder: Path) -> None:
    """Writes a data folder in the layout of `trecs.data.dataset` with such photos.

    Raises InputError where a model is missing in the checkpoint folder.
    """
    shape_model, layout = shapes.load(checkpoint / "shapes"), layouts.load(checkpoint / "layout")
    thumbnails = thumbnails_folder(checkpoint)
    generator = Generator.load(generator_folder(checkpoint), best_device(), thumbnails=thumbnails)
    tagged, traced = [], []
    for number in progress_bar(range(NARRATIVES + TRAINING_PHOTOS), "made-up photos", unit="photo"):
        rng = np.random.default_rng((SEED, number))
        scene = generate_scene(shape_model, layout, rng)
        canvas = _canvas(scene)
        photo = io.BytesIO()
        image = Image.fromarray(generator.render(canvas, SEED + number, SIDE))
        image.save(photo, "JPEG", quality=95)
        name = f"{number + 1:012d}"
        write_atomically(folder / "coco" / "images" / f"{name}.jpg", photo.getvalue())
        write_atomically(folder / "coco" / "labels" / f"{name}.png", label_png(canvas.label_map))
        if number < NARRATIVES:
            words, tags = _told(canvas, rng)
            told = simulate(words, tags, _masks(scene), rng)
            who = {"image_id": number + 1, "annotator_id": 0}
            traced.append(json.dumps({**json.loads(narrative.dumps(told)), **who}))
            tagged.append(json.dumps({**who, "words": words, "tags": [NAMES[i] for i in tags]}))
    for name, lines in (("localized_dev", traced), ("dev", tagged)):
        content = "".join(line + "\n" for line in lines).encode()
        write_atomically(folder / "narratives" / f"{name}.jsonl", content)


def _canvas(scene: Scene) -> Canvas:
    """A scene painted, back to front, things as instances of their own."""
    labels = np.full((SIDE, SIDE), UNLABELED, np.uint8)
    instances = np.zeros((SIDE, SIDE), np.int32)
    for number, (label, mask) in enumerate(scene, 1):
        inside = mask.render(SIDE, SIDE)
        labels[inside], instances[inside] = label, number if label < FIRST_STUFF else 0
    return Canvas(nearest_filled(labels), instances)


def _masks(scene: Scene) -> dict[int, list[NDArray[np.bool_]]]:
    """The masks of each label, largest first."""
    masks: dict[int, list[NDArray[np.bool_]]] = {}
    for label, mask in scene:
        full = mask.render(SIDE, SIDE)
        if full.any():
            masks.setdefault(label, []).append(full)
    return {label: sorted(some, key=lambda m: -int(m.sum())) for label, some in masks.items()}


def _told(canvas: Canvas, rng: np.random.Generator) -> tuple[list[str], NDArray[np.uint8]]:
    """Words that name the largest labels, and the label that each word speaks of."""
    words: list[str] = []
    tags: list[int] = []
    for label in canvas.labels[:MOST_LABELS]:
        opening: Sequence[str] = str(rng.choice(["there is a", "we can see a", "and a"])).split()
        name = NAMES[label].removesuffix("-other").removesuffix("-stuff").split("-")
        words += [*opening, *name]
        tags += [label] * (len(opening) + len(name))
    return words, np.array(tags, np.uint8)
