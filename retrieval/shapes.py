"""The shape model: silhouettes of any label, sampled around what training silhouettes look like.

Reconstructed (the paper takes its masks from COCO). A silhouette, stretched to its box, is the
zero level of a signed distance field; principal components of the fields of all training
silhouettes make a code (Leventon, Grimson & Faugeras, CVPR 2000), so that anything between two
codes is a field with a crisp outline again. A sample joins two neighbouring codes of one label,
differently in different places, and bends, shears and turns the outcome a little. Labels with few
silhouettes borrow codes from their family. A variational autoencoder of the same size gave blobs.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.families import relatives
from retrieval.weights import load_config, load_tensors, save_weights
from segmentation.errors import InputError
from segmentation.labels import COUNT, NAMES, is_thing

KIND = "shapes"
SIDE = 64
REACH = 8.0  # cells; distances beyond it count less and less
NEIGHBOURS = 6  # a sample's second parent is one of so many nearest codes
ASPECT_TOLERANCE = 0.35  # of log(width / height), a standard deviation
FLOATS = ("mean", "components", "codes", "aspects", "typical")
BEND = 1.3  # half cells, standard deviation of the outline's displacement


@dataclass(frozen=True)
class ShapeConfig:
    """The shape model's sizes."""

    latent: int = 160  # components: IoU 0.98 of a training silhouette with its reconstruction
    few: int = 8  # labels with fewer codes borrow their family's

    @staticmethod
    def tiny() -> "ShapeConfig":
        """Fewer components, for tests."""
        return ShapeConfig(latent=6)


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """The mean field (S*S,), the components (latent, S*S) and the codes samples start from.

    `codes` (N, latent) float32, their `labels` (N,) uint8, `aspects` (N,), width / height, and
    `typical` (N,) in [0, 1]: the share of its label among a code's nearest codes.
    """

    config: ShapeConfig
    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    codes: NDArray[np.float32]
    labels: NDArray[np.uint8]
    aspects: NDArray[np.float32]
    typical: NDArray[np.float32]

    def encode(self, bitmaps: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The codes (B, latent) of silhouettes (B, 64, 64) that fill their boxes."""
        fields = np.stack([distance_field(bitmap) for bitmap in bitmaps]).reshape(len(bitmaps), -1)
        return ((fields - self.mean) @ self.components.T).astype(np.float32)

    def decode(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The fields (B, 64, 64) of codes (B, latent); positive inside the silhouette."""
        fields = codes @ self.components + self.mean
        return fields.reshape(len(codes), SIDE, SIDE)

    def sample(
        self,
        labels: NDArray[np.integer],
        rng: np.random.Generator,
        aspects: NDArray[np.floating] | None = None,
    ) -> list[NDArray[np.bool_]]:
        """New silhouettes, one (64, 64) bool bitmap a label, each filling its bitmap's box.

        `labels` (B,); `aspects` (B,) are the widths over heights at which they will be shown
        (None: as it comes): silhouettes of such boxes are preferred. Raises InputError for a
        label without any shape in its family.
        """
        silhouettes = []
        for i, label in enumerate(int(value) for value in labels):
            parents = self._parents(label, None if aspects is None else aspects[i], rng)
            one, other = self.decode(self.codes[list(parents)])
            field = _between(one, other, rng.uniform(0.25, 0.6), rng.uniform(0.0, 0.2))
            if rng.random() < 0.5:
                field = field[:, ::-1]
            silhouettes.append(_vary(field, is_thing(label), rng))
        return silhouettes

    def _parents(
        self, label: int, aspect: float | None, rng: np.random.Generator
    ) -> tuple[int, int]:
        """Two neighbouring codes of a label, the first of about the wanted aspect."""
        pool = np.flatnonzero(self.labels == label)
        if len(pool) < self.config.few:
            kin = np.isin(self.labels, np.array(relatives(label), np.uint8))
            pool = np.concatenate((pool, np.flatnonzero(kin)))
        if not len(pool):
            raise InputError(
                f"The shape model knows no shape of '{NAMES[label]}' nor of its family; train it "
                "on pictures that show one (`trecs train shapes`)."
            )
        log_aspects = np.log(self.aspects[pool]).astype(np.float64)
        target = rng.choice(log_aspects) if aspect is None else np.log(aspect)
        fitness = np.exp(-0.5 * ((log_aspects - target) / ASPECT_TOLERANCE) ** 2) + 1e-9
        fitness *= (0.02 + self.typical[pool]) * np.where(self.labels[pool] == label, 1, 0.3)
        first = rng.choice(len(pool), p=fitness / fitness.sum())
        gaps = np.square(self.codes[pool] - self.codes[pool[first]]).mean(1)
        gaps = gaps / (gaps.mean() + 1e-9) + np.square(log_aspects - log_aspects[first])
        gaps[first] = np.inf
        nearest = np.argsort(gaps)[: min(NEIGHBOURS, len(pool) - 1)]
        second = rng.choice(nearest) if len(nearest) else first
        return int(pool[first]), int(pool[second])


def distance_field(bitmap: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The signed distance (S, S) to the outline, positive inside, squashed to (-1, 1).

    Beyond the box is outside, so a silhouette that fills its box has an outline there.
    """
    inside = np.pad(bitmap.astype(np.uint8), 1)
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return np.tanh((within - beyond)[1:-1, 1:-1] / REACH)


def save(model: ShapeModel, folder: Path) -> None:
    """Stores the model as float16, which moves no outline by a cell."""
    import torch

    state = {name: torch.from_numpy(getattr(model, name)).half() for name in FLOATS}
    save_weights(folder, KIND, model.config, state | {"labels": torch.from_numpy(model.labels)})


def load(folder: Path) -> ShapeModel:
    """Loads a shape model; raises InputError where the folder does not hold a whole one."""
    config = load_config(folder, KIND, ShapeConfig)
    state = {name: tensor.numpy() for name, tensor in load_tensors(folder).items()}
    count = len(state.get("labels", ()))
    expected = {
        "mean": (SIDE * SIDE,),
        "components": (config.latent, SIDE * SIDE),
        "codes": (count, config.latent),
        "aspects": (count,),
        "typical": (count,),
        "labels": (count,),
    }
    found = {name: array.shape for name, array in state.items()}
    if found != expected or state["labels"].max(initial=0) >= COUNT:
        raise InputError(
            f"The weights in '{folder}' do not fit its config.json (found {found}, expected "
            f"{expected}); both files must come from one training."
        )
    floats = {name: state[name].astype(np.float32) for name in FLOATS}
    return ShapeModel(config=config, labels=state["labels"], **floats)


def _between(
    one: NDArray[np.float32], other: NDArray[np.float32], along: float, blend: float
) -> NDArray[np.float32]:
    """The first field (S, S), moved `along` the flow to the other, and the other blended in."""
    first, second = (
        np.round(127.5 + 127.5 * field.clip(-1, 1)).astype(np.uint8) for field in (one, other)
    )
    still = np.zeros((SIDE, SIDE, 2), np.float32)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(first, second, still)
    flow = cv2.GaussianBlur(flow, (0, 0), 1.5)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    moved, met = (
        cv2.remap(
            field,
            columns + part * flow[..., 0],
            rows + part * flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for field, part in ((one, -along), (other, 1 - along))
    )
    mixed: NDArray[np.float32] = (1 - blend) * moved + blend * met
    return mixed


def _vary(field: NDArray[np.float32], thing: bool, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The silhouette of a field, bent, sheared and turned a little, cut to its box.

    Stuff is not turned, as it often ends at the picture's edge; it may have any number of
    parts, but things lose the specks beside their body.
    """
    size = 2 * SIDE
    margin = SIDE // 4 if thing else 0
    fine = cv2.resize(field, (size, size), interpolation=cv2.INTER_CUBIC)
    fine = np.pad(fine, margin, constant_values=-0.5)
    size += 2 * margin
    bend = rng.normal(0, BEND, (6, 6, 2)).astype(np.float32)
    bend = cv2.resize(bend, (size, size), interpolation=cv2.INTER_CUBIC)
    turn, shear = rng.normal(0, 0.05, 2) if thing else (0.0, 0.0)
    rows, columns = np.mgrid[0:size, 0:size].astype(np.float32) - size / 2
    across = columns * np.cos(turn) - rows * (np.sin(turn) + shear) + size / 2 + bend[..., 0]
    down = columns * np.sin(turn) + rows * np.cos(turn) + size / 2 + bend[..., 1]
    warped = cv2.remap(
        fine, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    inside = warped > min(0.0, float(np.quantile(warped, 0.95)))  # never empty
    if thing:
        inside = _without_specks(inside)
    rows_in, columns_in = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    cut = inside[rows_in[0] : rows_in[-1] + 1, columns_in[0] : columns_in[-1] + 1]
    scaled = cv2.resize(cut.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return scaled >= 0.5


def _without_specks(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A bitmap without the connected parts that are under a twelfth of its largest."""
    count, parts, numbers, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    areas = numbers[:, cv2.CC_STAT_AREA]
    large = [i for i in range(1, count) if 12 * areas[i] >= areas[1:].max()]
    return np.isin(parts, large)
