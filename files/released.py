"""Others' released PyTorch files: read without running anything in them, and checked."""

import pickle
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from files.errors import InputError
from files.identifying import identified
from files.unpacking import check_unpacking, unreadable
from files.unwrapping import unwrapped, with_norms

SHOWN = 3  # names in a complaint
COUNT = ".num_batches_tracked"  # of a norm; torch before 0.4.1 did not store it


def read_state(path: Path, telling: Collection[str] = ()) -> dict[str, Tensor]:
    """The tensors of a state dict in a .pth or .safetensors file, by name.

    Torch's restricted unpickler makes tensors and containers only, and only where the file does
    not unfold to far more than its size. A state dict inside of a training's checkpoint is found,
    where there are several by the names in `telling`, and loses its wrappers' prefixes. Raises
    InputError where the file is missing, damaged, or holds anything else.
    """
    if not path.is_file():
        raise InputError(f"There is no file '{path}'.")
    state = unwrapped(_read(path), path, telling)
    if odd := [name for name, tensor in state.items() if not _is_plain(tensor)]:
        raise InputError(
            f"'{path}' is not a plain state dict: {_told('not stored number by number', odd)}."
        )
    return state


def _read(path: Path) -> Any:
    """What is in the file; zip archives are mapped, so that only what is used takes memory."""
    try:
        if _is_safetensors(path):
            return load_file(path)
        mapped = check_unpacking(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except InputError:
        raise
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]{1,80})", str(error))
        raise InputError(
            f"'{path}' is not a plain state dict: it is damaged, or holds objects other than "
            f"tensors{f' ({named[1]})' if named else ''}, which are not loaded because they could "
            "run code. Give the released .pth file of the weights."
        ) from error
    except Exception as error:  # torch raises whatever the bytes lead to
        why = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise unreadable(path, why) from error


def _is_safetensors(path: Path) -> bool:
    with path.open("rb") as file:
        beginning = file.read(9)
    length = int.from_bytes(beginning[:8], "little")
    return beginning[8:] == b"{" and length < path.stat().st_size


def _is_plain(tensor: Tensor) -> bool:
    """Whether each number of a tensor lies in memory, or in the file, by itself."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        return False
    if tensor.is_nested or tensor.is_complex():
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def fitted(
    state: Mapping[str, Tensor], expected: Mapping[str, Tensor], path: Path, what: str
) -> dict[str, Tensor]:
    """The released tensors in the types of the expected ones.

    `expected`: the network's state dict, on the meta device if need be. Counts of batches may be
    missing and are 0 then; spectral normalisation may be stored in any way. Raises InputError
    where other names are missing, names are unknown, shapes differ, or numbers are not finite.
    """
    counts = {name: torch.tensor(0) for name in expected if name.endswith(COUNT)}
    whole = [
        name
        for name, tensor in state.items()
        if not tensor.is_floating_point() and not name.endswith(COUNT)
        and (name not in expected or expected[name].is_floating_point())
    ]  # fmt: skip
    if whole:
        raise InputError(f"'{path}' is not {what}: {_told('of whole numbers', whole)}.")
    try:
        given, state = state, {**counts, **with_norms(state, expected)}
    except (RuntimeError, IndexError) as error:  # sizes that do not go with one another
        why = str(error).splitlines()[0]
        raise InputError(
            f"'{path}' is not {what}: its spectral normalisation cannot be read ({why[:120]})."
        ) from error
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
        foreign = 2 * len(expected.keys() & state.keys() - counts.keys()) < len(expected)
        kind = identified(given) if foreign else None
        told = [f"it is {kind}" if kind else "", *wrong]
        raise InputError(f"'{path}' is not {what}: {'; '.join(filter(None, told))}.")
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
