"""Networks that an evaluation borrows, each named as `module:function`.

The module is imported from where Python looks for modules and from the working folder.

- An encoder of texts and pictures (R-precision, visual-semantic similarity): the function takes
  nothing and returns an object with `texts(list of B str) -> (B, D)` and
  `pictures((B, H, W, 3) uint8 RGB) -> (B, D)`, both float arrays of one space.
- A detector (SOA): the function takes pictures (B, H, W, 3) uint8 RGB and returns for each a
  collection of the COCO-Stuff values (0-90) of the things that it finds.
- A segmenter (mean IoU and accuracy of re-segmentation): the function takes the same pictures and
  returns label maps (B, H, W) uint8 of COCO-Stuff values, 255 = unlabeled.
"""

import importlib
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.labels import COUNT, UNLABELED

Detector = Callable[[NDArray[np.uint8]], Sequence[Collection[int]]]
Segmenter = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


class Encoder(Protocol):
    """Brings texts and pictures into one space."""

    def texts(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """Vectors (B, D) of texts."""
        ...

    def pictures(self, pictures: NDArray[np.uint8]) -> NDArray[np.floating]:
        """Vectors (B, D) of pictures (B, H, W, 3) uint8 RGB."""
        ...


def plugin(name: str) -> Callable[..., Any]:
    """The function that `module:function` names; raises InputError where there is none."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise InputError(f"'{name}' names no function; expected module:function.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        function: Callable[..., Any] = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"'{name}' cannot be imported ({error}); expected module:function, the module "
            "installed or in the working folder."
        ) from error
    if not callable(function):
        raise InputError(f"'{name}' is a {type(function).__name__}; expected a function.")
    return function


def encoder(name: str) -> Encoder:
    """Loads the encoder that a function returns; raises InputError for anything else."""
    loaded: Encoder = plugin(name)()
    if not callable(getattr(loaded, "texts", None)) or not callable(
        getattr(loaded, "pictures", None)
    ):
        raise InputError(
            f"'{name}' returned a {type(loaded).__name__}; expected an encoder with the methods "
            "texts and pictures."
        )
    return loaded


def detected(detector: Detector, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Which labels a detector finds, (B, 182) of 0 and 1; raises InputError for a wrong answer."""
    answers = detector(pictures)
    found = np.zeros((len(pictures), COUNT), np.uint8)
    try:
        if len(answers) != len(pictures):
            raise ValueError(f"{len(answers)} answers for {len(pictures)} pictures")
        for row, labels in zip(found, answers, strict=True):
            row[[_label(value) for value in labels]] = 1
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The detector's answer cannot be used ({error}); expected for each picture a "
            f"collection of label values from 0 to {COUNT - 1}."
        ) from error
    return found


def segmented(segmenter: Segmenter, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A segmenter's label maps, (B, H, W) uint8; raises InputError for a wrong answer."""
    maps = np.asarray(segmenter(pictures))
    if maps.dtype != np.uint8 or maps.shape != pictures.shape[:3]:
        raise InputError(
            f"The segmenter's answer is {maps.dtype} {maps.shape}; expected label maps, uint8 "
            f"{pictures.shape[:3]}, of COCO-Stuff values, {UNLABELED} = unlabeled."
        )
    return maps


def _label(value: int) -> int:
    if not 0 <= int(value) < COUNT:
        raise ValueError(f"{value} is no label")
    return int(value)
