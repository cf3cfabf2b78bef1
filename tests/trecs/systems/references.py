"""Arrays that were computed with the authors' networks, and how ours are compared with them."""

from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.conftest import ROOT

FOLDER = ROOT.parent / "shared" / "reference" / "systems"
Network = TypeVar("Network", bound=nn.Module)


def reference(name: str) -> dict[str, Tensor]:
    """The arrays of a file, of text apart; the test skips where there is none."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"no reference arrays in '{path}'")
    with np.load(path) as stored:
        arrays = {key: np.asarray(stored[key]) for key in stored.files}
    return {key: torch.from_numpy(one) for key, one in arrays.items() if one.dtype.kind != "U"}


def filled(network: Network, stored: dict[str, Tensor], prefix: str = "param/") -> Network:
    """The network with the stored parameters, in eval mode."""
    network.load_state_dict(
        {key.removeprefix(prefix): v for key, v in stored.items() if key.startswith(prefix)}
    )
    return network.eval().requires_grad_(False)


def assert_near(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(found.float(), expected.float(), rtol=0, atol=tolerance)
