"""Others' released PyTorch files: read without running anything in them, and checked."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError

SHOWN = 3  # names in a complaint
COUNT = ".num_batches_tracked"  # of a norm; torch before 0.4.1 did not store it


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a state dict in a .pth file, by name.

    Torch's restricted unpickler makes tensors and containers only. Raises InputError where the
    file is missing, damaged, or holds anything else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"There is no file '{path}'.") from None
    except pickle.UnpicklingError as error:
        raise InputError(
            f"'{path}' is not a plain state dict: it is damaged, or holds objects other than "
            "tensors, which are not loaded because they could run code. Give the released .pth "
            "file of the weights."
        ) from error
    except Exception as error:  # torch raises whatever the bytes lead to
        why = " ".join(str(error).split())[:160]
        raise InputError(f"'{path}' cannot be read as a PyTorch file ({why}).") from error
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InputError(
            f"'{path}' holds no state dict (names and tensors); give the released .pth file of the "
            "weights."
        )
    return dict(state)


def fitted(
    state: Mapping[str, Tensor], expected: Mapping[str, Tensor], path: Path, what: str
) -> dict[str, Tensor]:
    """The released tensors in the types of the expected ones.

    `expected`: the network's state dict, on the meta device if need be. Counts of batches may be
    missing and are 0 then. Raises InputError where other names are missing, names are unknown,
    shapes differ, or numbers are not finite.
    """
    counts = {name: torch.tensor(0) for name in expected if name.endswith(COUNT)}
    state = {**counts, **state}
    shapes = [
        f"{name} {tuple(state[name].shape)}, expected {tuple(tensor.shape)}"
        for name, tensor in expected.items()
        if name in state and state[name].shape != tensor.shape
    ]
    wrong = [
        _told("missing", [name for name in expected if name not in state]),
        _told("unknown", [name for name in state if name not in expected]),
        _told("of another shape", shapes),
    ]
    if any(wrong):
        raise InputError(f"'{path}' is not {what}: {'; '.join(filter(None, wrong))}.")
    found = {name: state[name].to(tensor.dtype) for name, tensor in expected.items()}
    broken = [
        name for name, tensor in found.items()
        if tensor.is_floating_point() and not bool(tensor.isfinite().all())
    ]  # fmt: skip
    if broken:
        raise InputError(f"'{path}' is damaged: {_told('not finite', broken)}.")
    return found


def _told(what: str, names: list[str]) -> str:
    """For example: "3 missing (a, b, c)"; nothing where there are none."""
    if not names:
        return ""
    shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return f"{len(names)} {what} ({shown})"
