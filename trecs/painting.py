"""What draws a canvas in the generator's place: a collage of photos, or a diffusion pipeline."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from segmentation.canvas import Canvas
from segmentation.told_colours import ToldColours
from trecs.installed import COLLAGE, DIFFUSERS, own_library
from trecs.result import Result
from trecs.synthesis.collage.chosen import Chosen
from trecs.synthesis.collage.collage import Collage
from trecs.synthesis.diffusion.diffusion import Diffusion
from trecs.synthesis.diffusion.grounding import Grounding
from trecs.synthesis.diffusion.prompt import Prompt
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.synthesis.generator import Generator
from trecs.text.said import Said

InPlace = Collage | Diffusion
Pasting = tuple[SceneLibrary, DualEncoder, Generator, Path, Path | None]
"""What a collage is made with: see `Collage.found`; the user's own library is added."""


class Parts(Protocol):
    """Of the pipeline's parts, those that help."""

    generator: Generator
    library: SceneLibrary


def in_place_of(
    name: str | None, pasting: Pasting, diffusion: DiffusionSettings, device: str
) -> InPlace | None:
    """What draws where a generator of that name is asked for; None where a generator does.

    Raises InputError where it is not there, or cannot be used.
    """
    if name == DIFFUSERS:
        return Diffusion.load(diffusion, device)
    if name != COLLAGE:
        return None
    library, encoder, generator, painter, autoencoder = pasting
    return Collage.found(library, own_library(), encoder, generator, painter, autoencoder)


def painted(
    in_place: InPlace,
    parts: Parts,
    canvas: Canvas,
    seed: int,
    told: ToldColours | None,
    result: Result | None,
) -> NDArray[np.uint8]:
    """A canvas (H, W) as a picture (H, H, 3) uint8 RGB; `result`: what it is of.

    A collage pastes the masks that a result's canvas was composed of.
    """
    if isinstance(in_place, Diffusion):
        return by_diffusion(in_place, parts.generator, canvas, seed, told, result)
    library, found = parts.library, result.retrieval if result else None
    chosen = Chosen()
    if result and found and result.whole and in_place.library is library:
        scenes = [one.index for one in found.scenes]
        chosen = Chosen.of(library, found.choices, result.whole, scenes)
    return in_place.render(canvas, seed, len(canvas.label_map), chosen, told)


def by_diffusion(
    diffusion: Diffusion,
    generator: Generator,
    canvas: Canvas,
    seed: int,
    told: ToldColours | None = None,
    result: Result | None = None,
    size: int | None = None,
) -> NDArray[np.uint8]:
    """A diffusion pipeline's picture by a result's words; without them by the canvas's labels.

    It begins with the generator's picture where its settings say a strength or colours are told.
    """
    size = size or len(canvas.label_map)
    grounding = None
    if result is None:
        prompt = Prompt.of_canvas(canvas)
    else:
        said, regions = result.tags.said if result.tags else Said(), result.regions or ()
        prompt = Prompt.of(result.narrative, said, canvas)
        if diffusion.grounded:
            grounding = Grounding.of(result.narrative, said, canvas, regions, result.whole)
    strength = diffusion.strength(coloured=told is not None)
    if strength is None:
        return diffusion.render(canvas, prompt, seed, size, grounding=grounding)
    start = generator.render(canvas, seed, size, told)
    return diffusion.render(canvas, prompt, seed, size, start, strength)
