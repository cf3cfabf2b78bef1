"""A trained generator, ready to draw."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from files.weights import load_config, load_module, save_weights
from segmentation.canvas import Canvas
from trecs.synthesis.condition import Condition
from trecs.synthesis.spade import (
    UPSAMPLINGS,
    SpadeConfig,
    SpadeGenerator,
    channels_last,
    fold_spectral_norm,
)


class Generator:
    """Turns a canvas into a picture; the same canvas and seed give the same picture."""

    def __init__(self, network: SpadeGenerator) -> None:
        self.network = channels_last(fold_spectral_norm(network.eval().requires_grad_(False)))

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> "Generator":
        """Reads a generator that `trecs train generator` wrote.

        Raises InputError where the folder is missing, damaged or of another kind.
        """
        config = load_config(folder, "generator", SpadeConfig)
        return cls(load_module(folder, lambda: SpadeGenerator(config)).to(device))

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads, its spectral norms folded into the weights.

        Generators that begin with a thumbnail are stored as 8-bit numbers, as training exports
        them; of the others, and of what is left, weights that float16 holds exactly are stored so.
        """
        config = replace(self.network.config, spectral=False)
        state = {name: _exact_half(value) for name, value in self.network.state_dict().items()}
        save_weights(folder, "generator", config, state, int8=bool(config.thumbnail))

    @torch.inference_mode()
    def render(self, canvas: Canvas, seed: int = 0, size: int = 256) -> NDArray[np.uint8]:
        """Draws a canvas of any size as a (size, size, 3) uint8 RGB picture.

        The network works on multiples of 32 pixels; other sizes are drawn at the next multiple
        and cut, the canvas being continued beyond its right and lower edges.
        """
        step = 1 << UPSAMPLINGS
        padding = -size % step
        canvas = canvas.resized(size, size)
        whole = Canvas(
            np.pad(canvas.label_map, (0, padding), mode="edge"),
            np.pad(canvas.instance_map, (0, padding), mode="edge"),
        )
        noise = self.network.draw_noise(
            1, size + padding, size + padding, torch.Generator().manual_seed(seed)
        )
        device = self.network.conv_img.weight.device
        condition = Condition.of(whole, device=device)
        picture = self.network(condition, noise.to(device))[0, :, :size, :size]
        pixels = ((picture.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
        return pixels.to(torch.uint8).cpu().numpy()


def _exact_half(value: torch.Tensor) -> torch.Tensor:
    half = value.half() if value.is_floating_point() else value
    return half if torch.equal(half.to(value.dtype), value) else value
