"""A trained generator, ready to draw."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.errors import InputError
from files.weights import load_config, load_module, read_record, save_weights
from segmentation.canvas import Canvas
from segmentation.told_colours import ToldColours
from segmentation.told_seeds import ToldSeeds
from trecs.device import channels_last
from trecs.synthesis.condition import Condition
from trecs.synthesis.painter.distilled import load_drawing
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import Told
from trecs.synthesis.reseeding import Reseeding
from trecs.synthesis.spade import (
    UPSAMPLINGS,
    Noise,
    SpadeConfig,
    SpadeGenerator,
    enlarged,
    fold_spectral_norm,
)
from trecs.synthesis.steering import steered, steered_small

AT_ONCE = 8  # thumbnails, of which there is one for each seed of a region


class Generator:
    """Turns a canvas into a picture; the same canvas, colours and seed give the same picture.

    `thumbnails`: draws the thumbnail that a picture begins as; None where the network begins
    without one, as SPADE does. Then told colours are reached at the end alone. `flow`: what
    `thumbnails` was distilled from, or itself.
    """

    def __init__(
        self,
        network: SpadeGenerator,
        thumbnails: ThumbnailStage | None = None,
        flow: ThumbnailStage | None = None,
    ) -> None:
        """Raises ValueError where only one of the two wants the other."""
        if network.config.painting != (thumbnails is not None):
            raise ValueError("Thumbnails go with a network that begins as one, and it with them.")
        self.network = channels_last(fold_spectral_norm(network.eval().requires_grad_(False)))
        self.thumbnails, self.flow = (
            stage and channels_last(stage.eval().requires_grad_(False))
            for stage in (thumbnails, thumbnails if flow is None else flow)
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        device: torch.device | str = "cpu",
        *,
        thumbnails: Path | None = None,
    ) -> "Generator":
        """Reads a generator that `trecs train generator` wrote.

        `thumbnails`: the folder of the painter's first stage, which some networks begin with; the
        bundled one where none is told or there. What was distilled from it draws in its place if
        it stands beside. Raises InputError where a folder is missing, damaged or of another kind.
        """
        if "thumbnail" in read_record(folder, "generator"):
            raise InputError(
                f"'{folder}' holds a generator of before December 2026, with a flow of its own for "
                "thumbnails, which the painter draws now. Use the bundled generator, or train one "
                "with `trecs train generator`."
            )
        config = load_config(folder, "generator", SpadeConfig)
        network = load_module(folder, lambda: SpadeGenerator(config)).to(device)
        if not config.painting:
            return cls(network)
        there = thumbnails is not None and thumbnails.is_dir()
        flow, stage = load_drawing(thumbnails if there else None)
        return cls(network, stage.to(device), flow.to(device))

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads, its spectral norms folded into the weights.

        Generators that begin with a thumbnail are stored as 8-bit numbers, as training exports
        them; of the others, and of what is left, weights that float16 holds exactly are stored so.
        """
        config = replace(self.network.config, spectral=False)
        state = {name: _exact_half(value) for name, value in self.network.state_dict().items()}
        save_weights(folder, "generator", config, state, int8=config.painting)

    @torch.inference_mode()
    def render(
        self,
        canvas: Canvas,
        seed: int = 0,
        size: int = 256,
        told: ToldColours | None = None,
        seeds: ToldSeeds | None = None,
    ) -> NDArray[np.uint8]:
        """Draws a canvas of any size as a (size, size, 3) uint8 RGB picture.

        `told`, `seeds`: the colours of its regions, and their own seeds, on maps of the canvas's
        size, or None; see `reseeds`. The network works on multiples of 32 pixels; other sizes are
        drawn at the next multiple and cut, the canvas being continued beyond its right and lower
        edges.
        """
        step = 1 << UPSAMPLINGS
        padding = -size % step
        canvas = canvas.resized(size, size)
        whole = Canvas(
            np.pad(canvas.label_map, (0, padding), mode="edge"),
            np.pad(canvas.instance_map, (0, padding), mode="edge"),
        )
        told = told and told.resized(size, size)
        side = size + padding
        noise, reseeding = self._noise(seed, side), None
        if seeds is not None and self.reseeds:
            places = seeds.resized(size, size).padded(padding)
            reseeding = Reseeding(noise, places, partial(self._noise, side=side))
            noise = reseeding.noise
        device = self.network.conv_img.weight.device
        condition = Condition.of(whole, device=device)
        painting = self._painting(whole, noise, told and told.padded(padding), reseeding)
        picture = self.network(condition, noise.to(device), painting)[0, :, :size, :size]
        pixels = ((picture.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
        drawn = pixels.to(torch.uint8).cpu().numpy()
        return drawn if told is None else steered(drawn, told)

    @property
    def reseeds(self) -> bool:
        """Whether it has noise of every place, so that a region can have a seed of its own.

        A SPADE of the official size has none, and draws the same by every seed.
        """
        return self.network.config.texture or self.network.config.painting

    def _noise(self, seed: int, side: int) -> Noise:
        return self.network.draw_noise(1, side, side, torch.Generator().manual_seed(seed))

    def _painting(
        self, canvas: Canvas, noise: Noise, told: ToldColours | None, reseeding: Reseeding | None
    ) -> Tensor | None:
        """What the picture begins as, (1, 3, H, W), or None."""
        stage, device = self.thumbnails, self.network.conv_img.weight.device
        if stage is None:
            return None
        read = Told.of_canvases(canvas, told=told).to(device)
        many = (noise.thumbnail if reseeding is None else reseeding.thumbnails).to(device)
        drawn = [stage.draw(read.repeated(len(some)), some) for some in many.split(AT_ONCE)]
        small = torch.cat(drawn)
        if reseeding is not None:
            small = reseeding.composed(small)
        if told is not None:
            pixels = ((small[0].permute(1, 2, 0) + 1) / 2).cpu().numpy()
            moved = torch.from_numpy(steered_small(pixels, told)).to(device)
            small = moved.permute(2, 0, 1)[None] * 2 - 1
        return enlarged(small, *canvas.label_map.shape)


def _exact_half(value: torch.Tensor) -> torch.Tensor:
    half = value.half() if value.is_floating_point() else value
    return half if torch.equal(half.to(value.dtype), value) else value
