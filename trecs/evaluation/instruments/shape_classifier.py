"""A small classifier of silhouettes: does a generated one still show what it is?

Reconstructed. Trained on real silhouettes alone; its accuracy on generated ones beside that on
real ones that it has not seen says how recognisable the generated ones are.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

EPOCHS = 40
BATCH = 64
WARP = 0.1  # of the box, the largest shift, stretch or shear of a training silhouette


class ShapeClassifier(nn.Module):
    """Silhouettes (B, 64, 64) with their aspects (B,) to scores (B, L) of `labels`."""

    def __init__(self, labels: Sequence[int]) -> None:
        super().__init__()
        self.labels = tuple(labels)
        sizes = (1, 16, 32, 64, 64)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(sizes)
        )
        self.hidden = nn.Linear(64 * 4 * 4 + 1, 128)
        self.out = nn.Linear(128, len(self.labels))

    def forward(self, bitmaps: Tensor, aspects: Tensor) -> Tensor:
        """`bitmaps` (B, 64, 64) float in [0, 1]; `aspects` (B,), width over height."""
        x = bitmaps[:, None] - 0.5
        for convolution in self.convolutions:
            x = F.relu(convolution(x))  # (B, C, 32), then 16, 8, 4 cells a side
        x = torch.cat((x.flatten(1), aspects.log()[:, None]), 1)
        scores: Tensor = self.out(F.dropout(F.relu(self.hidden(x)), 0.3, self.training))
        return scores


def train_classifier(
    bitmaps: NDArray[np.bool_],
    labels: NDArray[np.uint8],
    aspects: NDArray[np.float32],
    seed: int = 0,
    epochs: int = EPOCHS,
) -> ShapeClassifier:
    """Trains on silhouettes (N, 64, 64) with `labels` and `aspects` (N,).

    Labels are drawn in proportion to the root of their silhouettes; silhouettes are mirrored,
    shifted, stretched and sheared a little. Repeatable by seed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        values, classes = np.unique(labels, return_inverse=True)
        model = ShapeClassifier([int(value) for value in values])
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.02)
        pictures = torch.from_numpy(bitmaps).float()
        targets, shown_at = torch.from_numpy(classes), torch.from_numpy(aspects)
        chances = 1 / torch.bincount(targets).sqrt()[targets]
        steps = max(epochs * len(targets) // BATCH, 1)
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = 2e-3 * (0.02 + math.cos(step / steps * math.pi / 2))
            batch = torch.multinomial(chances, BATCH, replacement=True)
            scores = model(_varied(pictures[batch]), shown_at[batch])
            optimizer.zero_grad()
            F.cross_entropy(scores, targets[batch], label_smoothing=0.1).backward()
            optimizer.step()
    return model.eval()


@torch.inference_mode()
def ranks(
    model: ShapeClassifier,
    bitmaps: NDArray[np.bool_],
    labels: NDArray[np.uint8],
    aspects: NDArray[np.float32],
) -> NDArray[np.int64]:
    """The rank, from 1, of each silhouette's own label among the classifier's, (N,).

    All of `labels` are labels of the classifier.
    """
    scores = model(torch.from_numpy(bitmaps).float(), torch.from_numpy(aspects).float()).numpy()
    own = (np.array(model.labels) == labels[:, None]).argmax(1)
    better: NDArray[np.int64] = (scores > scores[np.arange(len(own)), own][:, None]).sum(1)
    return better + 1


def accuracy(
    model: ShapeClassifier,
    bitmaps: NDArray[np.bool_],
    labels: NDArray[np.uint8],
    aspects: NDArray[np.float32],
) -> float:
    """The share of silhouettes that are recognised, the mean over the labels present."""
    right = ranks(model, bitmaps, labels, aspects) == 1
    return float(np.mean([right[labels == label].mean() for label in np.unique(labels)]))


def _varied(pictures: Tensor) -> Tensor:
    """Silhouettes (B, S, S), mirrored at random and moved a little."""
    count = len(pictures)
    moves = torch.eye(2, 3).repeat(count, 1, 1) + WARP * (2 * torch.rand(count, 2, 3) - 1)
    moves[:, :, 0] *= torch.where(torch.rand(count, 1) < 0.5, -1.0, 1.0)
    grid = F.affine_grid(moves, [count, 1, *pictures.shape[1:]], align_corners=False)
    return F.grid_sample(pictures[:, None], grid, align_corners=False)[:, 0]
