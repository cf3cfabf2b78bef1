"""What a painter is told of a picture: labels, instance edges, colours, and where it lies."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.families import FAMILIES
from segmentation.canvas import Canvas
from segmentation.labels import COUNT, UNLABELED, value_of
from segmentation.told_colours import ToldColours
from segmentation.told_regions import MOST as MOST_COLOURS
from trecs.synthesis.condition import CLASSES, Condition

SIDE = 32
"""Cells of a picture's side: pixels of a thumbnail, places of the latents."""

SAMPLES = 4
"""The canvas is read at SAMPLES x SAMPLES points of every cell."""

POINTS = SIDE * SAMPLES
"""Points of a canvas's side."""

NO_REGION = 255
"""In a map of regions: a pixel of none."""

COLOURS = 4  # planes of colour: how much of a cell has one, and its L, a, b
HIDDEN = 0.1  # share of labels that a training step knows by their family alone
PLACES = 2  # planes that tell where a cell lies


class Told(NamedTuple):
    """A batch of canvases, read at SAMPLES points a side of each of h x w cells.

    `labels`: (B, 4h, 4w) uint8, 0-181, 182 = unlabeled. `edges`: (B, 1, h, w) float, the share of
    a cell's points that lie on an instance edge. `colours`: (B, 4, h, w) float: the share of a
    cell's points whose region has a known colour, and the mean over all points of L / 50 - 1,
    a / 50 and b / 50, 0 where it is unknown. `place`: (B, 2, h, w) float, row and column of each
    cell from -1 to 1.
    """

    labels: Tensor
    edges: Tensor
    colours: Tensor
    place: Tensor

    @staticmethod
    def of(
        labels: Tensor,
        instances: Tensor,
        regions: Tensor | None = None,
        colours: Tensor | None = None,
    ) -> "Told":
        """Reads whole canvases of POINTS x POINTS points.

        `labels`: (B, 128, 128), 255 = unlabeled. `instances`: (B, 128, 128). `regions`: (B, 128,
        128), numbers of rows of `colours` (B, 255, 3), CIE Lab, NaN where a colour is not known;
        left out, no colour is.
        """
        labels = torch.where(labels == UNLABELED, COUNT, labels).to(torch.uint8)
        edges = Condition(labels, instances.int()).edges()[:, None].float()
        batch, device = len(labels), labels.device
        planes = torch.zeros(batch, COLOURS, SIDE, SIDE, device=device)
        if regions is not None and colours is not None:
            planes = _colour_planes(regions, colours)
        line = torch.linspace(-1, 1, SIDE, device=device)
        place = torch.stack(torch.meshgrid(line, line, indexing="ij"))
        return Told(
            labels,
            functional.avg_pool2d(edges, SAMPLES),
            planes,
            place.repeat(batch, 1, 1, 1),
        )

    @staticmethod
    def of_canvases(*canvases: Canvas, told: ToldColours | None = None) -> "Told":
        """Reads canvases of any sizes; `told`: the colours of a single one, or none."""
        read = [canvas.resized(POINTS, POINTS) for canvas in canvases]
        labels = np.stack([canvas.label_map for canvas in read])
        instances = np.stack([canvas.instance_map for canvas in read])
        if told is None:
            return Told.of(torch.from_numpy(labels), torch.from_numpy(instances))
        colours = torch.full((1, MOST_COLOURS, 3), torch.nan)
        colours[0, : len(told.colours)] = torch.tensor(told.means)
        regions = torch.from_numpy(told.resized(POINTS, POINTS).numbers)[None]
        return Told.of(torch.from_numpy(labels), torch.from_numpy(instances), regions, colours)

    @property
    def labelled(self) -> Tensor:
        """The share of each cell's points that have a label, (B, 1, h, w)."""
        known = (self.labels != COUNT)[:, None].float()
        return functional.avg_pool2d(known, SAMPLES)

    def to(self, device: torch.device | str) -> "Told":
        """The canvases on a device."""
        return Told(*(plane.to(device) for plane in self))

    def repeated(self, count: int) -> "Told":
        """A single canvas so many times."""
        return Told(*(plane.expand(count, *plane.shape[1:]) for plane in self))

    def taken(self, part: slice | Tensor) -> "Told":
        """A part of the batch."""
        return Told(*(plane[part] for plane in self))

    def windows(self, corners: Tensor, size: int) -> "Told":
        """Of each canvas the window of `size` cells a side whose top left cell is its corner.

        `corners`: (B, 2) int64, rows and columns.
        """
        labels, *planes = self
        return Told(
            cut(labels, corners, size, SAMPLES), *(cut(plane, corners, size) for plane in planes)
        )


def cut(planes: Tensor, corners: Tensor, size: int, samples: int = 1) -> Tensor:
    """A window of each of (B, ..., H, W), (B, ..., size, size), `samples` points a cell."""
    line = torch.arange(size * samples, device=planes.device)
    rows, columns = (corners.to(planes.device) * samples).unbind(1)
    rows, columns = rows[:, None] + line, columns[:, None] + line  # (B, size)
    batch = torch.arange(len(planes), device=planes.device)[:, None, None]
    window = planes.movedim((-2, -1), (1, 2))[batch, rows[:, :, None], columns[:, None]]
    return window.movedim((1, 2), (-2, -1))


class CanvasReader(nn.Module):
    """Turns what is told into features of every cell.

    A label has a row of its own and shares one with its family, on which rare labels lean.
    """

    family: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("family", _families(), persistent=False)
        self.label = nn.Embedding(CLASSES, channels)
        self.relatives = nn.Embedding(len(FAMILIES) + 1, channels)
        nn.init.normal_(self.label.weight, std=0.5)
        nn.init.normal_(self.relatives.weight, std=0.5)
        self.canvas = nn.Conv2d(channels + 1 + PLACES + COLOURS, channels, 3, padding=1)

    def forward(self, told: Told, kept: Tensor | None = None) -> Tensor:
        """Features (B, channels, h, w); where `kept` (B,) is 0 only of the places."""
        rows = self.label.weight
        if self.training:
            rows = rows * (torch.rand_like(rows[:, :1]) >= HIDDEN)
        rows = rows + self.relatives(self.family)  # (183, C)
        batch, height, width = told.labels.shape
        cells = told.labels.view(batch, height // SAMPLES, SAMPLES, width // SAMPLES, SAMPLES)
        cells = cells.transpose(2, 3).reshape(-1, SAMPLES * SAMPLES).int()  # (B*h*w, 16)
        planes = functional.embedding_bag(cells, rows, mode="mean")
        planes = planes.view(batch, height // SAMPLES, width // SAMPLES, -1).permute(0, 3, 1, 2)
        known = torch.cat([planes, told.edges], 1)
        colours = told.colours
        if kept is not None:
            known, colours = (part * kept.view(-1, 1, 1, 1) for part in (known, colours))
        features: Tensor = self.canvas(torch.cat([known, told.place, colours], 1))
        return features


def family_members() -> list[list[int]]:
    """The labels of each family, those without one left out."""
    return [[value_of(name) for name in members] for members in FAMILIES.values()]


def _families() -> Tensor:
    """The family of each label, (183,) int64; 0 for those without."""
    family = torch.zeros(CLASSES, dtype=torch.int64)
    for number, members in enumerate(family_members(), 1):
        family[members] = number
    return family


def _colour_planes(regions: Tensor, colours: Tensor) -> Tensor:
    """The planes `Told.colours` of whole canvases, (B, 4, 32, 32)."""
    batch = len(regions)
    scaled = colours.float() / 50 - torch.tensor([1.0, 0, 0], device=colours.device)
    known = scaled.isfinite().all(2, keepdim=True)
    rows = torch.cat([known.float(), torch.where(known, scaled, 0)], 2)  # (B, 255, 4)
    table = functional.pad(rows, (0, 0, 0, 1)).flatten(0, 1)  # (B*256, 4), NO_REGION's row is 0
    numbers = regions.long() + (NO_REGION + 1) * torch.arange(batch, device=regions.device).view(
        -1, 1, 1
    )
    cells = numbers.view(batch, SIDE, SAMPLES, SIDE, SAMPLES).transpose(2, 3)
    planes = functional.embedding_bag(cells.reshape(-1, SAMPLES * SAMPLES), table, mode="mean")
    return planes.view(batch, SIDE, SIDE, COLOURS).permute(0, 3, 1, 2)
