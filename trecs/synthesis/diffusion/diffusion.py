"""A diffusion pipeline of the library `diffusers`, held to the canvas by a ControlNet or boxes."""

import inspect
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas
from trecs.synthesis.diffusion import loading
from trecs.synthesis.diffusion.ade20k import control_picture
from trecs.synthesis.diffusion.grounding import Grounding
from trecs.synthesis.diffusion.prompt import Prompt
from trecs.synthesis.diffusion.settings import DiffusionSettings

MULTIPLE = 64  # pixels: sides that every network of such pipelines halves without a rest
USUAL_SIDE = 1024  # pixels, of pipelines that do not tell the side of what they learnt
COLOURED = 0.8  # strength where colours are told and none was asked for; reconstructed

Watch = Callable[[int, int], object]
"""Is told after each step how many are done, of how many; what it raises ends the drawing."""


class Diffusion:
    """Turns a canvas and a prompt into a picture; the same ones and seed give the same picture.

    `watch`: see Watch; it may be set later, too.
    """

    def __init__(
        self, pipeline: Any, settings: DiffusionSettings, watch: Watch | None = None
    ) -> None:
        self.pipeline, self.settings, self.watch = pipeline, settings, watch
        self._from_picture: Any = None

    @classmethod
    def load(cls, settings: DiffusionSettings, device: str = "cpu") -> "Diffusion":
        """Loads the pipeline that settings mean; raises InputError where it cannot."""
        return cls(loading.load(settings, device), settings)

    @property
    def side(self) -> int:
        """The side in pixels of the pictures that the network learnt."""
        learnt = getattr(getattr(self.pipeline, "unet", None), "config", None)
        size = getattr(learnt, "sample_size", None)
        return int(size) * self.pipeline.vae_scale_factor if size else USUAL_SIDE

    @property
    def grounded(self) -> bool:
        """Whether the pipeline is told boxes, see `Grounding`, and no picture."""
        return type(self.pipeline).__name__ == loading.GLIGEN

    def strength(self, *, coloured: bool) -> float | None:
        """How much of a start picture is given up; None where it begins with noise alone."""
        if self.grounded:
            return None
        if self.settings.strength is None and coloured:
            enough = int(self.settings.steps * COLOURED) >= 1
            return COLOURED if enough else 1.0
        return self.settings.strength

    def render(
        self,
        canvas: Canvas,
        prompt: Prompt,
        seed: int = 0,
        size: int = 256,
        start: NDArray[np.uint8] | None = None,
        strength: float = COLOURED,
        grounding: Grounding | None = None,
    ) -> NDArray[np.uint8]:
        """Draws a canvas of any size as a (size, size, 3) uint8 RGB picture.

        It is drawn at the side that the network learnt, or the next multiple of 64 pixels of a
        larger `size`, and scaled. `start`: a picture (H, W, 3) uint8 RGB that it begins with,
        of which `strength`, above 0 and at most 1, is given up; None: it begins with noise.
        `grounding`: what a grounded pipeline is told of the canvas; None: its labels' names. Raises
        InputError where the GPU's memory does not suffice, the model's own filter has blackened
        the picture, or its kind cannot begin with a picture.
        """
        side = -(-max(size, self.side) // MULTIPLE) * MULTIPLE
        control = Image.fromarray(control_picture(canvas.resized(side, side)))
        pipeline, told = self.pipeline, dict[str, Any](image=control)
        if start is not None:
            pipeline = self._with_start()
            begun = cv2.resize(start, (side, side), interpolation=cv2.INTER_CUBIC)
            told = {"image": Image.fromarray(begun), "strength": strength}
        if self.grounded:
            told |= self._boxes(prompt, grounding or Grounding.of_canvas(canvas))
        told["control_image"] = control
        told |= {
            "prompt": prompt.positive,
            "negative_prompt": prompt.negative or None,
            "height": side,
            "width": side,
            "num_inference_steps": self.settings.steps,
            "guidance_scale": self.settings.guidance,
            "generator": torch.Generator().manual_seed(seed),
            "callback_on_step_end": self._after_step,
            "callback": self._after_older_step,
            "output_type": "np",
        }
        taken = inspect.signature(pipeline.__call__).parameters
        picture = self._run(pipeline, {key: one for key, one in told.items() if key in taken})
        pixels = (picture * 255).round().clip(0, 255).astype(np.uint8)
        if side == size:
            return pixels
        return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), np.uint8)

    def _with_start(self) -> Any:
        """The same networks as a pipeline that begins with a picture."""
        from diffusers import AutoPipelineForImage2Image

        if self._from_picture is None:
            try:
                made = AutoPipelineForImage2Image.from_pipe(self.pipeline)
            except (ValueError, TypeError) as error:
                kind = type(self.pipeline).__name__
                raise InputError(
                    f"A {kind} cannot begin with a picture; leave out --strength and colours."
                ) from error
            made.set_progress_bar_config(**loading.BAR)
            self._from_picture = made
        return self._from_picture

    def _after_step(self, pipeline: Any, step: int, _: Any, values: dict[str, Any]) -> Any:
        if self.watch is not None:
            self.watch(step + 1, pipeline.num_timesteps)
        return values

    def _after_older_step(self, step: int, *_: Any) -> None:
        if self.watch is not None:
            self.watch(min(step + 1, self.settings.steps), self.settings.steps)

    def _boxes(self, prompt: Prompt, grounding: Grounding) -> dict[str, Any]:
        """The arguments that say what is where; on an empty canvas the prompt is everywhere."""
        tokenizer = self.pipeline.tokenizer
        phrases = list(grounding.phrases or (prompt.positive,))
        for number, phrase in enumerate(phrases):  # the library cuts off prompts, not these
            tokens = tokenizer(phrase, truncation=True).input_ids
            if len(tokens) == tokenizer.model_max_length:
                phrases[number] = tokenizer.decode(tokens, skip_special_tokens=True)
        boxes = [list(box) for box in grounding.boxes or ((0.0, 0.0, 1.0, 1.0),)]
        return {"gligen_phrases": phrases, "gligen_boxes": boxes}

    def _run(self, pipeline: Any, told: dict[str, Any]) -> NDArray[np.float32]:
        """The picture (S, S, 3) from 0 to 1."""
        try:
            drawn = pipeline(**told)
        except torch.cuda.OutOfMemoryError as error:
            raise InputError(
                f"The GPU's memory does not suffice for a picture of {told.get('height')} pixels; "
                "ask for a smaller --size, or a smaller --model."
            ) from error
        finally:
            pipeline.maybe_free_model_hooks()
        if any(getattr(drawn, "nsfw_content_detected", None) or ()):
            raise InputError(
                "The model's own safety checker has withheld this picture; try another --seed."
            )
        return np.asarray(drawn.images[0], np.float32)
