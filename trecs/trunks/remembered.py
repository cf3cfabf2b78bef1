"""A network's last answer, kept because several measures ask about the same pictures."""

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """A function of pictures (B, H, W, 3) uint8 RGB that answers the same array once.

    An array whose pixels changed since is another one.
    """

    def __init__(self, function: Callable[[NDArray[np.uint8]], Answer]) -> None:
        self._function = function
        self._last: tuple[NDArray[np.uint8], NDArray[np.uint8], Answer] | None = None

    def __call__(self, pictures: NDArray[np.uint8]) -> Answer:
        """The function's answer, which callers leave as it is."""
        if self._last is not None:
            asked, pixels, answer = self._last
            if asked is pictures and np.array_equal(pixels, pictures):
                return answer
        answer = self._function(pictures)
        self._last = pictures, pictures.copy(), answer
        return answer
