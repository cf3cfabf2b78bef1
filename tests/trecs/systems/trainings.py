"""What the tests of trainings on captions share."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm


class Trained:
    """Trains with a system's function and a `tiny()` of its numbers, on a few photos."""

    def __init__(
        self, train: Callable[..., None], numbers: Any, dataset: Dataset, damsm: Damsm
    ) -> None:
        self.damsm = damsm
        self._train, self._numbers, self._dataset = train, numbers, dataset

    def __call__(self, folder: Path, *stops: int, **numbers: Any) -> dict[str, Tensor]:
        """The averaged weights after the last of so many steps, stopped at each."""
        for steps in stops:
            given = replace(self._numbers, steps=steps, **numbers)
            self._train(given, self._dataset, folder, damsm=self.damsm)
        state: dict[str, Tensor] = torch.load(folder / "state.pt", weights_only=True)["averaged"]
        return state

    def goes_on(self, folder: Path) -> None:
        """Asserts that a stopped run goes on as if it had not stopped."""
        whole, parts = self(folder / "whole", 3), self(folder / "parts", 1, 3)
        for name, value in whole.items():
            torch.testing.assert_close(parts[name], value, msg=name)
        assert (folder / "whole" / "samples.png").is_file()

    def refuses(self, folder: Path, batch: int) -> None:
        """Asserts that a batch that cannot be drawn from four photos is refused."""
        with pytest.raises(InputError, match="from the 4 photos"):
            self(folder, 1, batch=batch)


def settle_norms(network: nn.Module, *seen: Tensor) -> None:
    """Lets a network's norms know the statistics, so that its pictures are not grey."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(*seen)
