"""The trained aligner: where labels are usually seen, and the weights of what speaks for a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.weights import load_config, load_tensors, save_weights
from trecs.alignment.terms import Weights
from trecs.text.said import UNNAMED

KIND = "alignment"
INPUTS = 12
LEAST_SIDE = 0.02  # of a box


@dataclass(frozen=True)
class AlignmentConfig:
    """The numbers of the model. `astray`: how often a stroke lies just anywhere."""

    hidden: int = 96
    astray: float = 0.15
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        if isinstance(self.weights, dict):  # as config.json has it
            object.__setattr__(self, "weights", Weights(**self.weights))


class Where:
    """How much likelier each label is where a stroke lies than anywhere (reconstructed).

    A network of one hidden layer, trained to name the labels of photos' masks by their boxes; what
    it says of a label is divided by how frequent the label is. Without `tensors` all labels are
    everywhere.
    """

    def __init__(self, tensors: dict[str, NDArray[np.float32]], astray: float) -> None:
        self.tensors, self._astray = tensors, astray

    def log_ratio(self, boxes: NDArray[np.float64], labels: Sequence[int]) -> NDArray[np.float64]:
        """log p(label | box) / p(label) of boxes (S, 4), left to bottom, and R labels: (S, R).

        Of what no label fits (UNNAMED) every place tells the same: 0.
        """
        own = self.tensors
        if not own:
            return np.zeros((len(boxes), len(labels)))
        hidden = np.maximum(inputs(boxes) @ own["in.weight"].T + own["in.bias"], 0)
        logits = hidden @ own["out.weight"].T + own["out.bias"]
        logits -= logits.max(1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True)) - own["prior"]
        ratio = self._astray + (1 - self._astray) * np.exp(logs[:, list(labels)])
        ratio[:, np.array(labels) == UNNAMED] = 1
        return np.log(ratio).astype(np.float64)


@dataclass(frozen=True, eq=False)
class AlignmentModel:
    """What `assign` needs besides words and strokes."""

    config: AlignmentConfig
    where: Where

    @property
    def weights(self) -> Weights:
        """The weights of the terms."""
        return self.config.weights

    @staticmethod
    def load(folder: Path) -> "AlignmentModel":
        """Reads what `save` wrote; raises InputError where it is missing or damaged."""
        config = load_config(folder, KIND, AlignmentConfig)
        tensors = {name: t.float().numpy() for name, t in load_tensors(folder).items()}
        return AlignmentModel(config, Where(tensors, config.astray))

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads."""
        import torch

        tensors = {name: torch.from_numpy(t) for name, t in self.where.tensors.items()}
        save_weights(folder, KIND, self.config, tensors)


PLACELESS = AlignmentModel(AlignmentConfig(), Where({}, 1.0))
"""A model that knows nothing of places; it serves where all strokes are spoken."""


def inputs(boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    """What the network sees of boxes (S, 4) of fractions, left to bottom: (S, INPUTS)."""
    left, top, right, bottom = boxes.T
    wide, tall = np.maximum(right - left, LEAST_SIDE), np.maximum(bottom - top, LEAST_SIDE)
    x, y = (left + right - 1) * 2, (top + bottom - 1) * 2
    w, h = np.log(wide) + 1, np.log(tall) + 1
    columns = [x, y, w, h, x * x, y * y, w * w, h * h, x * y, w * h, y * h, y * w]
    return np.column_stack(columns).astype(np.float32)
