"""Looks at pictures through the instruments and keeps numbers, never pixels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT, FIRST_STUFF
from trecs.evaluation.instruments.instruments import Instruments
from trecs.evaluation.instruments.plugins import detected, segmented
from trecs.evaluation.measures.canvas import mean_iou
from trecs.evaluation.measures.likeness import psnr, ssim
from trecs.evaluation.measures.resegmentation import label_overlaps

BATCH = 8
NAN = float("nan")
Item = TypeVar("Item")


@dataclass(frozen=True, eq=False)
class View:
    """A picture (S, S, 3) uint8 RGB and what it is compared with; None where there is nothing.

    `photo` and `text`: numbers of the photo that it should show and of its text. `beside`: the
    photo itself, (S, S, 3). `told`: the label map that it was drawn from; `truth`: the photo's,
    to which `told` is compared. `tags` and `reference` (N,): the labels of the words, by the
    system and in truth.
    """

    picture: NDArray[np.uint8]
    photo: int
    text: int
    beside: NDArray[np.uint8] | None = None
    told: NDArray[np.uint8] | None = None
    truth: NDArray[np.uint8] | None = None
    tags: NDArray[np.uint8] | None = None
    reference: NDArray[np.uint8] | None = None


@dataclass
class Seen:
    """What was seen in N pictures; a number of a picture that could not be had is nan.

    `features` (N of (D,)), `probabilities`, `damsm`, `encoder`: empty without the instrument.
    `named`, `found` (N of (182,)): the things that the text names, and those of them that the
    detector finds. `overlaps` (N of (182, 3)): of the segmenter's labels with those told.
    `words`: how many words have a reference label; `tagged`: the share of them tagged alike.
    """

    photos: list[int] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    features: list[NDArray[np.float32]] = field(default_factory=list)
    probabilities: list[NDArray[np.float32]] = field(default_factory=list)
    damsm: list[NDArray[np.floating]] = field(default_factory=list)
    encoder: list[NDArray[np.floating]] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    psnr: list[float] = field(default_factory=list)
    lpips: list[float] = field(default_factory=list)
    named: list[NDArray[np.uint8]] = field(default_factory=list)
    found: list[NDArray[np.uint8]] = field(default_factory=list)
    overlaps: list[NDArray[np.int32]] = field(default_factory=list)
    canvas_iou: list[float] = field(default_factory=list)
    tagged: list[float] = field(default_factory=list)
    words: list[int] = field(default_factory=list)


def look(views: Iterable[View], instruments: Instruments) -> Seen:
    """Looks at one picture after another; a few are in memory at a time."""
    seen = Seen()
    for batch in batches(views, BATCH):
        seen.photos += [view.photo for view in batch]
        seen.texts += [view.text for view in batch]
        _look_alone(seen, batch, instruments)
        _look_beside(seen, batch, instruments)
        _compare_labels(seen, batch)
    return seen


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items, `size` at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _look_alone(seen: Seen, batch: Sequence[View], instruments: Instruments) -> None:
    """What needs the pictures only."""
    pictures = np.stack([view.picture for view in batch])
    if instruments.eyes:
        features, probabilities = instruments.eyes.look(pictures)
        seen.features.extend(features)
        seen.probabilities.extend(probabilities)
    if instruments.damsm:
        seen.damsm.extend(np.asarray(instruments.damsm.pictures(pictures)))
    if instruments.encoder:
        seen.encoder.extend(np.asarray(instruments.encoder.pictures(pictures)))
    if instruments.detector:
        named = np.stack([_things(view.reference) for view in batch])
        seen.named.extend(named)
        seen.found.extend(detected(instruments.detector, pictures) * named)
    if instruments.segmenter:
        maps = segmented(instruments.segmenter, pictures)
        for view, labels in zip(batch, maps, strict=True):
            nothing = np.zeros((COUNT, 3), np.int32)
            seen.overlaps.append(
                nothing if view.told is None else label_overlaps(view.told, labels)
            )


def _look_beside(seen: Seen, batch: Sequence[View], instruments: Instruments) -> None:
    """What compares pictures with photos."""
    for view in batch:
        seen.ssim.append(NAN if view.beside is None else ssim(view.picture, view.beside))
        seen.psnr.append(NAN if view.beside is None else psnr(view.picture, view.beside))
        distance = NAN
        if instruments.likeness and view.beside is not None:
            layers, others = map(instruments.likeness.seen, (view.picture[None], view.beside[None]))
            distance = float(instruments.likeness.between(layers, others))
        seen.lpips.append(distance)


def _compare_labels(seen: Seen, batch: Sequence[View]) -> None:
    """What compares canvases and tags with the truth."""
    for view in batch:
        if view.truth is None or view.told is None:
            seen.canvas_iou.append(NAN)
        else:
            seen.canvas_iou.append(mean_iou(view.truth, view.told))
        if view.reference is None or view.tags is None or len(view.tags) != len(view.reference):
            seen.tagged.append(NAN)
            seen.words.append(0)
        else:
            seen.tagged.append(float((view.tags == view.reference).mean()))
            seen.words.append(len(view.reference))


def _things(tags: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """The things among a text's reference labels, (182,) of 0 and 1."""
    named = np.zeros(COUNT, np.uint8)
    if tags is not None:
        named[tags[tags < FIRST_STUFF]] = 1
    return named
