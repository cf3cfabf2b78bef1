"""The shape model: silhouettes of any label, sampled around a bank of synthetic ones.

Reconstructed (the paper takes its masks from COCO). The model is a kernel density over outlines.
Its centres are synthetic: each is the mean of two real silhouettes from different photos, taken
along the optical flow between their distance fields and deformed until it is no nearer to any
real one than real ones are to each other (`trecs.scenes.shape_mixing`). Its kernel is a random
deformation: limbs and bodies grow and shrink, the whole shears, turns, bends and is mirrored.
Principal components of the fields gave lumps, a variational autoencoder blobs.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import load_config, load_tensors, save_weights
from retrieval.families import FAMILIES
from segmentation.labels import COUNT, NAMES, is_thing, value_of

KIND = "shapes"
SIDE = 64
FINE = 96  # cells of the grid on which a field is deformed
REACH = 8.0  # cells; distances beyond it count less and less
ASPECT_TOLERANCE = 0.25  # of log(width / height), a standard deviation
KERNEL = 0.4  # strength of the deformation of a sample
SMOOTHNESS = 0.8  # cells of the field, so that outlines have no corners of single cells
LARGEST_HOLE = 0.03  # of the box; what is smaller is filled
LIMBER = frozenset(
    value_of(name) for family in ("person", "animal", "bird") for name in FAMILIES[family]
)
RIGID = frozenset(
    value_of(name)
    for family in ("vehicle", "building", "seat", "bed", "screen", "appliance", "wheels")
    for name in FAMILIES[family]
)
STANDING = frozenset(map(value_of, ("house", "tree", "skyscraper", "tent")))
"""Stuff to COCO that has a shape of its own, like things."""

STIFFNESS = 0.3  # how much of the bends and turns of people and animals other things show
RIGIDITY = 0.1  # the same of what people built of straight parts


@dataclass(frozen=True)
class ShapeConfig:
    """How many silhouettes the bank holds of each label."""

    least: int = 20
    most_things: int = 120
    most_stuff: int = 36

    @staticmethod
    def tiny() -> "ShapeConfig":
        """A smaller bank, for tests."""
        return ShapeConfig(least=3, most_things=6, most_stuff=3)


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """The bank: synthetic silhouettes that fill their boxes.

    `bitmaps` (N, 64, 64) bool, their `labels` (N,) uint8 and `aspects` (N,) float32, the widths
    over heights at which they look right.
    """

    config: ShapeConfig
    bitmaps: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    aspects: NDArray[np.float32]

    def sample(
        self,
        labels: NDArray[np.integer],
        rng: np.random.Generator,
        aspects: NDArray[np.floating] | None = None,
    ) -> list[NDArray[np.bool_]]:
        """New silhouettes, one (64, 64) bool bitmap a label, each filling its bitmap's box.

        `labels` (B,); `aspects` (B,) are the widths over heights at which they will be shown
        (None: as it comes): silhouettes of such boxes are preferred. Raises InputError for a
        label of which the bank holds nothing.
        """
        silhouettes = []
        for i, label in enumerate(int(value) for value in labels):
            centre = self._centre(label, None if aspects is None else float(aspects[i]), rng)
            field = distance_field(self.bitmaps[centre])
            if rng.random() < 0.5:
                field = field[:, ::-1]
            silhouettes.append(deformed(field, label, KERNEL, rng))
        return silhouettes

    def aspects_of(self, label: int) -> NDArray[np.float32]:
        """The aspects of a label's silhouettes in the bank."""
        return self.aspects[self.labels == label]

    def _centre(self, label: int, aspect: float | None, rng: np.random.Generator) -> int:
        """A silhouette of a label, of about the wanted aspect."""
        pool = np.flatnonzero(self.labels == label)
        if not len(pool):
            raise InputError(
                f"The shape model knows no shape of '{NAMES[label]}'; train it on pictures that "
                "show one, or one of its family (`trecs train shapes`)."
            )
        if aspect is None:
            return int(rng.choice(pool))
        gaps = np.square((np.log(self.aspects[pool]) - np.log(aspect)) / ASPECT_TOLERANCE)
        fitness = np.exp(-0.5 * (gaps - gaps.min()).astype(np.float64))
        return int(rng.choice(pool, p=fitness / fitness.sum()))


def distance_field(bitmap: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The signed distance (S, S) to the outline, positive inside, squashed to (-1, 1).

    Beyond the box is outside, so a silhouette that fills its box has an outline there.
    """
    inside = np.pad(bitmap.astype(np.uint8), 1)
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return np.tanh((within - beyond)[1:-1, 1:-1] / REACH)


def deformed(
    field: NDArray[np.float32], label: int, strength: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """The silhouette of a field (S, S), deformed at random, cut to its box: (S, S) bool.

    At strength 1 parts of it grow or shrink by about a quarter; people and animals bend by about
    a fortieth of their size, other things less, what is built hardly. Stuff is not sheared or
    turned, as it often ends at the picture's edge, and may have any number of parts; things, and
    stuff that stands like them, lose what is not joined to their body.
    """
    thing = is_thing(label) or label in STANDING
    loose = label in LIMBER or not thing
    limber = strength * (RIGIDITY if label in RIGID else 1.0 if loose else STIFFNESS)
    strength *= 1.0 if loose else 0.6
    size = FINE
    margin = size // 4 if thing else 0
    smooth = cv2.GaussianBlur(field, (0, 0), SMOOTHNESS)
    fine = cv2.resize(smooth, (size, size), interpolation=cv2.INTER_CUBIC)
    fine = np.pad(fine, margin, constant_values=-0.5)
    whole = size + 2 * margin
    columns, rows = (_stretched(whole, margin, strength, rng) for _ in range(2))
    turn, shear = limber * rng.normal(0, (0.06, 0.1)) if thing else (0.0, 0.0)
    x, y = np.meshgrid(columns - whole / 2, rows - whole / 2)
    bend = rng.normal(0, limber * size / 40, (4, 4, 2)).astype(np.float32)
    bend = cv2.resize(bend, (whole, whole), interpolation=cv2.INTER_CUBIC)
    across = x * np.cos(turn) - y * (np.sin(turn) + shear) + whole / 2 + bend[..., 0]
    down = x * np.sin(turn) + y * np.cos(turn) + whole / 2 + bend[..., 1]
    warped = cv2.remap(
        fine, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    inside = warped > min(0.0, float(np.quantile(warped, 0.95)))  # never empty
    if thing:
        inside = _whole(inside)
    rows_in, columns_in = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    cut = inside[rows_in[0] : rows_in[-1] + 1, columns_in[0] : columns_in[-1] + 1]
    scaled = cv2.resize(cut.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    full = scaled >= 0.5
    return full if full.any() else scaled >= scaled.max()


def save(model: ShapeModel, folder: Path) -> None:
    """Stores the bank, eight cells a byte."""
    import torch

    state = {
        "bitmaps": torch.from_numpy(np.packbits(model.bitmaps.reshape(len(model.labels), -1), 1)),
        "labels": torch.from_numpy(model.labels),
        "aspects": torch.from_numpy(model.aspects).half(),
    }
    save_weights(folder, KIND, model.config, state)


def load(folder: Path) -> ShapeModel:
    """Loads a shape model; raises InputError where the folder does not hold a whole one."""
    config = load_config(folder, KIND, ShapeConfig)
    state = {name: tensor.numpy() for name, tensor in load_tensors(folder).items()}
    count = len(state.get("labels", ()))
    expected = {"bitmaps": (count, SIDE * SIDE // 8), "labels": (count,), "aspects": (count,)}
    found = {name: array.shape for name, array in state.items()}
    if found != expected or state["labels"].max(initial=0) >= COUNT:
        raise InputError(
            f"The weights in '{folder}' are no bank of silhouettes (found {found}, expected "
            f"{expected}); restore the file or train again with `trecs train shapes`."
        )
    return ShapeModel(
        config=config,
        bitmaps=np.unpackbits(state["bitmaps"], 1).reshape(count, SIDE, SIDE).astype(bool),
        labels=state["labels"],
        aspects=state["aspects"].astype(np.float32),
    )


def _stretched(
    whole: int, margin: int, strength: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where each of `whole` positions along an axis is read: monotone, fixed at the box's ends.

    Five stretches between the margins become longer or shorter.
    """
    lengths = np.exp(strength * rng.normal(0, 0.25, 5))
    marks = margin + (whole - 2 * margin) * np.concatenate(
        [[0], np.cumsum(lengths / lengths.sum())]
    )
    even = np.linspace(margin, whole - margin, 6)
    outer = [0.0, *marks, whole] if margin else marks
    inner = [0.0, *even, whole] if margin else even
    positions = np.interp(np.arange(whole) + 0.5, inner, outer)
    smooth = cv2.GaussianBlur(positions[None], (0, 0), whole / 24, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth[0])


def _whole(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part of a bitmap, without small holes."""
    _, parts, numbers, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    body = parts == 1 + numbers[1:, cv2.CC_STAT_AREA].argmax()
    _, gaps, numbers, _ = cv2.connectedComponentsWithStats((~body).astype(np.uint8), connectivity=4)
    small = np.flatnonzero(numbers[:, cv2.CC_STAT_AREA] < LARGEST_HOLE * inside.size)
    return body | (np.isin(gaps, small[small > 0]))
