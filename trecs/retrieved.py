"""What was found in the scene library for a narrative."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from retrieval.choice import Choice


@dataclass(frozen=True)
class Scene:
    """A retrieved scene: its place in the library, its name, its similarity to the narrative."""

    index: int
    name: str
    similarity: float


@dataclass(frozen=True, eq=False)
class Retrieval:
    """The scenes most similar to the narrative, best first, and a choice of mask per region.

    `denied`: labels that the words say are not there, which nothing brings in. `in_front`: pairs
    of choices, by their numbers, of which the words say that the first is nearer. `query`: the
    narrative's embedding, (D,) float32, to which the scenes' were compared.
    """

    scenes: tuple[Scene, ...]
    choices: "tuple[Choice, ...]"
    denied: frozenset[int] = frozenset()
    in_front: tuple[tuple[int, int], ...] = ()
    query: NDArray[np.float32] | None = None
