"""What a diffusion pipeline is, and how it paints."""

import math
from dataclasses import dataclass

from files.errors import InputError


@dataclass(frozen=True)
class DiffusionSettings:
    """`model`, `controlnet`: folders in the form of `diffusers`, or repositories on the Hugging
    Face Hub; None: those that were put beside the imported weights, else Stable Diffusion 1.5's.
    A model of GLIGEN takes no ControlNet, and no strength.

    `strength`: how much of our own painter's picture is given up, which the picture then begins
    with: above 0, 1 nearly all of it. None: it begins with noise, but where colours are told.
    """

    model: str | None = None
    controlnet: str | None = None
    steps: int = 30
    guidance: float = 7.5  # how far the words count; what is denied counts above 1
    strength: float | None = None

    def __post_init__(self) -> None:
        """Raises InputError for numbers with which nothing can be painted."""
        if self.steps < 1:
            raise InputError(f"{self.steps} steps paint nothing; expected at least 1.")
        if not 0 <= self.guidance < math.inf:
            raise InputError(f"The guidance {self.guidance} is no number of at least 0.")
        if self.strength is None:
            return
        if not 0 < self.strength <= 1:
            raise InputError(f"The strength {self.strength} is not above 0 and at most 1.")
        if int(self.steps * self.strength) < 1:
            raise InputError(
                f"Of {self.steps} steps none is left with the strength {self.strength}; expected "
                f"more steps, or a strength of at least {1 / self.steps:.3g}."
            )
