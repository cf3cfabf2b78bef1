"""Regions of photos whose captions call them by colours, to learn from and to measure by."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.families import FAMILIES
from segmentation.canvas import Canvas
from segmentation.colours import ColourNames, Lab, lab_of, nearest_half
from segmentation.garments import Part, covered
from segmentation.labels import NAMES, is_thing, value_of
from trecs.data.dataset import ANNOTATED, EVERY_SET, Dataset, Photo
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

LEAST_PERSON = 0.03
"""... that whoever wears something must have."""

PERSON, CLOTHES = value_of("person"), value_of("clothes")


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


@dataclass(frozen=True, eq=False)
class WornColour(SaidColour):
    """A garment that a text calls by colours' names; `region` is what it covers of its wearer.

    `part`: of the body. `wearer`: the mask (S, S) bool of whoever wears it.
    """

    part: Part
    wearer: NDArray[np.bool_]


def said_colours(dataset: Dataset, *, held_back: bool, side: int = SIDE) -> Iterator[SaidColour]:
    """All of them in training photos, or in those held back; each region once for its colours.

    A thing's is its largest instance, or where several are meant all of them; a label that the
    canvas lacks stands for the relatives that it has.
    """
    for photo, texts in _described(dataset, held_back):
        mentions = [
            (text, mention)
            for text in texts
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


def worn_colours(dataset: Dataset, *, held_back: bool, side: int = SIDE) -> Iterator[WornColour]:
    """The same of what one person wears in photos whose largest one has no equal.

    Each part of a person once for its colours.
    """
    for photo, texts in _described(dataset, held_back):
        worn = [(text, *one) for text in texts for one in _worn(text)]
        if not worn:
            continue
        (scene,) = load_scenes(dataset, [photo], side)
        wearer = _one_person(scene.canvas)
        known: set[tuple[Part, tuple[str, ...]]] = set()
        for text, part, garment in worn if wearer is not None else ():
            assert wearer is not None
            region = covered(wearer, part)
            if (part, garment.colours) not in known and region.any():
                known.add((part, garment.colours))
                yield WornColour(scene, text, garment, CLOTHES, region, part, wearer)


def _worn(text: str) -> Iterator[tuple[Part, Mention]]:
    """The coloured garments of a text that one person wears, each as a mention of clothes."""
    words = text.split()
    said = read(words, all_nouns())
    single = {mention.head for mention in said.mentions if mention.count == 1}
    for one in said.garments:
        if one.colours and len(one.wearers) == 1 and single.issuperset(one.wearers):
            span = one.start, one.stop, one.head
            yield one.part, Mention(words[one.head], CLOTHES, *span, colours=one.colours)


def _one_person(canvas: Canvas) -> NDArray[np.bool_] | None:
    """The mask of the person whom a text must mean, (H, W); None where there is none."""
    people = canvas.label_map == PERSON
    areas = np.sort(np.bincount(canvas.instance_map[people]))[::-1] if people.any() else np.zeros(1)
    if areas[0] < LEAST_PERSON * people.size or (areas[1:] > areas[0] / 2).any():
        return None
    return region_of(canvas, PERSON, several=False)


def _described(dataset: Dataset, held_back: bool) -> Iterator[tuple[Photo, list[str]]]:
    """The photos, and each one's texts."""
    texts = _texts(dataset, held_back)
    for photo in dataset.photos(held_back=held_back, sets=ANNOTATED if held_back else EVERY_SET):
        yield photo, list(dict.fromkeys(texts[f"{photo.source}/{photo.name}"]))


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
