"""Regions of photos whose captions call them by colours, to learn from and to measure by."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.families import FAMILIES
from segmentation.canvas import Canvas
from segmentation.colours import ColourNames, Lab, lab_of, nearest_half
from segmentation.labels import NAMES, is_thing
from trecs.data.dataset import ANNOTATED, EVERY_SET, Dataset
from trecs.data.described import captions_of
from trecs.data.scenes import Scene, load_scenes
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read
from trecs.text.said import Mention

SIDE = 128
ALIKE = ("sky", "water", "building", "floor", "wall", "ceiling")
"""Families whose members stand for one another, since people hardly tell them apart."""

LEAST = 0.01
"""Share of a picture that a region must have, for its colour to be told."""


@dataclass(frozen=True, eq=False)
class SaidColour:
    """A region that a text calls by colours' names, in the middle square of its photo.

    `text`: the whole caption, of which words[mention.start:mention.stop] are the noun phrase.
    `label`: the canvas's. `region`: (S, S) bool.
    """

    scene: Scene
    text: str
    mention: Mention
    label: int
    region: NDArray[np.bool_]

    @property
    def called(self) -> Lab:
        """The colour of the half of the region that is nearest to its first name, in the photo."""
        name = ColourNames.read().by_itself(self.mention.colours[0])
        half = nearest_half(lab_of(self.scene.photo)[self.region], name)
        lightness, a, b = (float(value) for value in half.mean(0))
        return lightness, a, b


def said_colours(dataset: Dataset, *, held_back: bool, side: int = SIDE) -> Iterator[SaidColour]:
    """All of them in training photos, or in those held back; each region once for its colours.

    A thing's is its largest instance, or where several are meant all of them; a label that the
    canvas lacks stands for the relatives that it has.
    """
    texts = _texts(dataset, held_back)
    for photo in dataset.photos(held_back=held_back, sets=ANNOTATED if held_back else EVERY_SET):
        mentions = [
            (text, mention)
            for text in dict.fromkeys(texts[f"{photo.source}/{photo.name}"])
            for mention in read(text.split(), all_nouns()).mentions
            if mention.colours and mention.label >= 0
        ]
        if not mentions:
            continue
        (scene,) = load_scenes(dataset, [photo], side)
        known: set[tuple[int, tuple[str, ...]]] = set()
        for text, mention in mentions:
            label = _on_canvas(scene.canvas, mention.label)
            if label is None or (label, mention.colours) in known:
                continue
            region = region_of(scene.canvas, label, several=mention.count > 1)
            if region.mean() >= LEAST:
                known.add((label, mention.colours))
                yield SaidColour(scene, text, mention, label, region)


def region_of(canvas: Canvas, label: int, *, several: bool) -> NDArray[np.bool_]:
    """Where a label is on a canvas, (H, W): of things the largest, unless several are meant."""
    region: NDArray[np.bool_] = canvas.label_map == label
    if several or not is_thing(label) or not region.any():
        return region
    numbers = np.bincount(canvas.instance_map[region])
    return region & (canvas.instance_map == numbers.argmax())


def _on_canvas(canvas: Canvas, label: int) -> int | None:
    """A label, or the largest of those much like it where the canvas lacks it."""
    if label in canvas.labels:
        return label
    alike = next((FAMILIES[name] for name in ALIKE if NAMES[label] in FAMILIES[name]), ())
    return next((other for other in canvas.labels if NAMES[other] in alike), None)


def _texts(dataset: Dataset, held_back: bool) -> defaultdict[str, list[str]]:
    """The captions and narratives of photos, by source and name."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for name, captions in captions_of(dataset).items():
        texts[name] += captions
    for narrative in dataset.narratives("held" if held_back else "train"):
        for source in ("coco", "coco_more"):
            texts[f"{source}/{narrative.image_id:012d}"].append(" ".join(narrative.words))
    return texts
