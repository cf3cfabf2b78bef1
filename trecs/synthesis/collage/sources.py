"""What a collage is pasted from: for each thing and each stuff of a canvas a mask with a photo."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.library import SceneLibrary
from retrieval.placing import Origin
from retrieval.thumbnails import overlaps, thumbnail
from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED, is_thing
from segmentation.masks import Box, Mask
from segmentation.moves import moved_mask
from trecs.synthesis.collage.chosen import Chosen

GRID = 32  # side of what is compared of stuff
EXAMINED = 400  # masks of a label that are compared with a thing, those of the nearest aspect ratio
FIT = 0.45  # IoU of silhouettes from which on a thing may be pasted
ALIKE = 0.04  # of scores between which the seed decides
STRETCH = 1.6  # of a thing's aspect ratio at most
CONTEXT = 0.3  # what the most similar scene adds to a score, beside the fit
ENLARGED = 1.5  # how far a photo of stuff is enlarged at most
AT_HOME = 0.1  # what stuff adds to its score that stays where its photo has it
KEPT_SIDE = 512.0  # pixels of a photo's side, about


@dataclass(frozen=True, eq=False)
class Part:
    """A thing or all of a stuff on a canvas: where it is `seen`, (S, S) bool, and its source."""

    label: int
    seen: NDArray[np.bool_]
    origin: Origin | None


class Sources:
    """Finds the photos for the parts of canvases in a library with photos."""

    def __init__(self, library: SceneLibrary) -> None:
        assert library.photos is not None
        self.library = library
        self._there = library.photos.there[library.scene_of] if library.mask_count else ()

    def parts(
        self, canvas: Canvas, chosen: Chosen, scenes: Sequence[int], rng: np.random.Generator
    ) -> list[Part]:
        """The parts of a canvas (S, S), stuff first.

        `scenes`: those like the canvas, best first, where nothing was chosen. `rng` decides
        between photos that fit as well.
        """
        scenes = [*dict.fromkeys([*chosen.scenes, *scenes])]
        nearness = np.zeros(self.library.scene_count, np.float32)
        nearness[scenes] = np.linspace(1, 0.2, len(scenes)) if len(scenes) else 0
        parts = []
        stuff = np.where(canvas.instance_map > 0, UNLABELED, canvas.label_map)
        for label in np.unique(stuff[stuff != UNLABELED]).tolist():
            seen = stuff == label
            if is_thing(label):
                parts.append(Part(label, seen, self._thing(label, seen, nearness, rng)))
                continue
            origin = self._stuff(label, seen, nearness, chosen.stuff.get(label, ()), rng)
            parts.append(Part(label, seen, origin))
        for number in np.unique(canvas.instance_map[canvas.instance_map > 0]).tolist():
            seen = canvas.instance_map == number
            label = int(np.bincount(canvas.label_map[seen]).argmax())
            origin = chosen.things.get(number)
            if origin is None or self.library.labels[origin.mask] != label:
                origin = self._thing(label, seen, nearness, rng)
            parts.append(Part(label, seen, self._with_photo(origin)))
        return parts

    def _with_photo(self, origin: Origin | None) -> Origin | None:
        return origin if origin is not None and self._there[origin.mask] else None

    def _thing(
        self,
        label: int,
        seen: NDArray[np.bool_],
        nearness: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> Origin | None:
        """The mask whose silhouette is most like what is seen; None where none is like it."""
        target = Mask.from_full(seen)
        if target is None:
            return None
        library, box = self.library, target.box
        aspect = float(np.log((box[2] - box[0]) / (box[3] - box[1])))
        alike = library.nearest_aspects(label, aspect, EXAMINED)
        masks = library.shelf[alike]
        if not len(masks):
            return None
        fit = overlaps(library.thumbnails[alike], thumbnail(target.bitmap))
        apart = np.abs(library.aspects[alike] - aspect)
        usable = self._there[masks] & (fit >= FIT) & (apart <= np.log(STRETCH))
        if not usable.any():
            return None
        boxes = library.boxes[masks]
        size = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(1)) * KEPT_SIDE
        wanted = np.sqrt((box[2] - box[0]) * (box[3] - box[1])) * len(seen)
        sharp = np.minimum(size / wanted, 1)
        score = fit * np.sqrt(sharp) + CONTEXT / 3 * nearness[library.scene_of[masks]]
        return Origin(int(masks[_one_of(np.where(usable, score, -1), rng)]), box)

    def _stuff(
        self,
        label: int,
        seen: NDArray[np.bool_],
        nearness: NDArray[np.float32],
        chosen: Sequence[Origin],
        rng: np.random.Generator,
    ) -> Origin | None:
        """Of the masks of similar scenes the one that covers most of what is seen.

        Those that the pipeline chose count as the most similar scene's; without any, the largest
        of the library are looked at.
        """
        library = self.library
        masks = library.with_label(label)
        masks = masks[self._there[masks]]
        near = masks[nearness[library.scene_of[masks]] > 0]
        if not len(near):
            near = masks[np.argsort(-library.areas[masks], kind="stable")[: EXAMINED // 8]]
        options = [(origin, 1.0) for origin in chosen if self._there[origin.mask]]
        target = Mask.from_full(seen)
        for mask in near.tolist():
            own: Box = tuple(library.boxes[mask].tolist())
            near_by = float(nearness[library.scene_of[mask]])
            options.append((Origin(mask, own), near_by + AT_HOME / CONTEXT))
            if target is not None:
                options.append((Origin(mask, _scaled(own, target.box)), near_by))
        if not options:
            return None
        wanted = Mask((0, 0, 1, 1), seen).render(GRID, GRID)
        scores = [
            (wanted & self._coarse(origin)).sum() / max(wanted.sum(), 1) + CONTEXT * bonus
            for origin, bonus in options
        ]
        return options[_one_of(np.array(scores), rng)][0]

    def _coarse(self, origin: Origin) -> NDArray[np.bool_]:
        mask = Mask(origin.box, self.library.coarse_mask(origin.mask).bitmap)
        if origin.moved is not None:
            mask = moved_mask(mask, origin.moved.move, GRID)
        return mask.render(GRID, GRID)


def _scaled(own: Box, target: Box) -> Box:
    """The box of stuff stretched to its target's, as far as its photo may be enlarged."""
    sides = []
    for low, high, start, stop in ((*own[::2], *target[::2]), (*own[1::2], *target[1::2])):
        length = min(stop - start, (high - low) * ENLARGED)
        middle = float(np.clip((low + high) / 2, start + length / 2, stop - length / 2))
        sides.append((middle - length / 2, middle + length / 2))
    (left, right), (top, bottom) = sides
    return (left, top, right, bottom)


def _one_of(scores: NDArray[np.floating], rng: np.random.Generator) -> int:
    """One of those whose score is nearly the best."""
    return int(rng.choice(np.flatnonzero(scores >= scores.max() - ALIKE)))
