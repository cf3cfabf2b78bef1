"""Pairs of a description and a scene for the dual encoder.

Three sources: the released narratives, whose label sets are laid out by the layout model where
their photo is not at hand; the photos with narratives or captions and a label map; and generated
scenes described by templates.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from retrieval.encoder import SceneMasks
from retrieval.layouts import LayoutModel
from retrieval.library import SceneLibrary
from segmentation.labels import FIRST_STUFF, NAMES, UNLABELED
from segmentation.masks import Box, box_of
from trecs.training.data import Dataset, Photo

SHARE_OF_BOX = 0.6  # that a laid-out mask covers: the mean of real masks
PRESENT = 0.004  # share of the picture from which on a label counts
OPENINGS = ("in this image we can see", "this is a picture of", "there is", "we can see", "")
BACKGROUNDS = ("in the background there is", "behind we can see", "and", "we can also see")

Thing = tuple[int, Box, float]
"""A label, its box and its area, in fractions of the picture."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A description and what the scene it belongs to shows; `source` says where from."""

    words: tuple[str, ...]
    scene: SceneMasks
    source: str


def narrative_pairs(
    dataset: Dataset, layout: LayoutModel, variants: int, rng: np.random.Generator
) -> list[Pair]:
    """The training narratives with laid-out scenes of their labels, `variants` of each."""
    return [
        Pair(n.words, laid_out(np.unique(n.tags).tolist(), layout, rng), "narrative")
        for n in dataset.narratives("train")
        for _ in range(variants)
    ]


def photo_pairs(dataset: Dataset) -> list[Pair]:
    """Photos of the training part with each of their narratives and captions."""
    texts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for narrative in dataset.narratives("train"):
        texts[f"coco/{narrative.image_id:012d}"].append(narrative.words)
    for record in _captions(dataset.coco):
        texts[f"coco/{record['image_id']:012d}"].append(tuple(record["caption"].split()))
    for record in _captions(dataset.folder / "flickr"):
        texts[f"flickr/{record['photo']}"].append(tuple(record["caption"].split()))
    pairs: list[Pair] = []
    things = things_of(dataset)
    for photo in dataset.photos(held_back=False):
        found = texts.get(f"{photo.source}/{photo.name}", ())
        if found:
            scene = scene_of(photo, things.get(photo.name, []) if photo.source == "coco" else [])
            pairs.extend(Pair(words, scene, "photo") for words in found)
    return pairs


def generated_pairs(library: SceneLibrary, rng: np.random.Generator) -> list[Pair]:
    """The scenes of a generated library, each described once by a template."""
    pairs = []
    for i in range(library.scene_count):
        part = slice(int(library.scene_starts[i]), int(library.scene_starts[i + 1]))
        scene = SceneMasks(library.labels[part], library.boxes[part], library.areas[part])
        pairs.append(Pair(describe(scene, rng), scene, "generated"))
    return pairs


def laid_out(labels: list[int], layout: LayoutModel, rng: np.random.Generator) -> SceneMasks:
    """A stand-in for the scene of a label set: the stuff it lacks, and boxes for all."""
    placed = layout.arrange(layout.completed(labels, rng), rng)
    boxes = np.array([box for _, box in placed], np.float32)
    areas = (SHARE_OF_BOX * np.prod(boxes[:, 2:] - boxes[:, :2], 1)).astype(np.float32)
    return SceneMasks(np.array([label for label, _ in placed], np.uint8), boxes, areas)


def describe(scene: SceneMasks, rng: np.random.Generator) -> tuple[str, ...]:
    """A template sentence about some of a scene's labels, now and then with where they are."""
    labels, counts = np.unique(scene.labels, return_counts=True)
    chance = 0.5 + 0.5 * (labels < FIRST_STUFF)
    told = [i for i in range(len(labels)) if rng.random() < chance[i]] or [0]
    told.sort(key=lambda i: (labels[i] >= FIRST_STUFF, rng.random()))
    words: list[str] = str(rng.choice(OPENINGS)).split()
    for position, i in enumerate(told):
        if position:
            stuff = labels[i] >= FIRST_STUFF
            words += str(rng.choice(BACKGROUNDS)).split() if stuff else ["and"]
        name = NAMES[labels[i]].removesuffix("-other").removesuffix("-stuff").split("-")
        if labels[i] < FIRST_STUFF and counts[i] > 1:
            name = [*name[:-1], name[-1] if name == ["person"] else name[-1] + "s"]
            name = ["people"] if name == ["person"] else name
        words += [*(["a"] if counts[i] == 1 else []), *name]
        if counts[i] == 1 and rng.random() < 0.3:
            left, _, right, _ = scene.boxes[scene.labels == labels[i]][0]
            middle = (left + right) / 2
            side = "left" if middle < 0.35 else "right" if middle > 0.65 else "middle"
            words += ["in", "the", "middle"] if side == "middle" else ["on", "the", side, "side"]
    return tuple(words)


def things_of(dataset: Dataset) -> dict[str, list[Thing]]:
    """The things of every COCO photo, by its name."""
    things = defaultdict(list)
    for image in dataset.coco_instances:
        width, height = image.width, image.height
        for annotation in image.annotations:
            left, top, w, h = annotation["bbox"]
            box = (left / width, top / height, (left + w) / width, (top + h) / height)
            area = annotation["area"] / (width * height)
            if area > PRESENT / 4:
                thing = (annotation["category_id"] - 1, box, area)
                things[image.stem].append(thing)
    return dict(things)


def scene_of(photo: Photo, things: list[Thing]) -> SceneMasks:
    """A photo's scene: a mask for every stuff label, and its things, one by one where known.

    Things of photos without polygons are their label map's connected pixels.
    """
    label_map = photo.label_map()
    masks = list(things)
    for label in np.unique(label_map):
        full = label_map == label
        if label == UNLABELED or full.mean() < PRESENT:
            continue
        if label >= FIRST_STUFF:
            masks.append((int(label), box_of(full), float(full.mean())))
        elif not things:
            count, parts, numbers, _ = cv2.connectedComponentsWithStats(full.astype(np.uint8))
            for i in range(1, count):
                if numbers[i, cv2.CC_STAT_AREA] > PRESENT * full.size:
                    part = parts == i
                    masks.append((int(label), box_of(part), float(part.mean())))
    return SceneMasks(
        np.array([label for label, _, _ in masks], np.uint8),
        np.array([box for _, box, _ in masks], np.float32).reshape(-1, 4),
        np.array([area for _, _, area in masks], np.float32),
    )


def _captions(folder: Path) -> list[dict[str, Any]]:
    path = folder / "captions.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else ()
    return [json.loads(line) for line in lines]
