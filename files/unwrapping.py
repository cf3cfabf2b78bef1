"""State dicts out of what people wrap them in, with the names that their authors gave.

Checkpoints of trainings hold a state dict one or more levels deep; wrappers of modules put a prefix
before each name; and spectral normalisation is stored in three ways, of which a network wants one.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from files.errors import InputError

WRAPPERS = ("module.", "_orig_mod.")
"""What torch's wrappers put before the names of a whole network; no network has them of its own."""
TRAININGS = ("model.", "net.", "netG.", "generator.", "G.")
"""What trainings put there; taken away where the names without it are known."""
OPTIMIZER = {"state", "param_groups"}
DEEPEST = 4  # levels
State = dict[str, Tensor]


def unwrapped(record: Any, path: Path, telling: Collection[str] = ()) -> State:
    """The state dict in a checkpoint, without wrappers' prefixes.

    `telling`: tensors' names of which the one that is meant has at least one; needed where there
    are several. Raises InputError where there is none, or more than one fits.
    """
    if isinstance(record, Mapping) and record.keys() >= OPTIMIZER:
        raise InputError(
            f"'{path}' holds an optimizer's state, not that of a network; give the released .pth "
            "file of the weights."
        )
    found = {place: _selected(state, telling) for place, state in _states(record, "", DEEPEST)}
    fitting = [place for place, state in found.items() if state.keys() & telling]
    if len(fitting) > 1:
        raise InputError(
            f"'{path}' holds several networks that could be meant ({', '.join(sorted(fitting))}); "
            "save the state dict of one of them in a file of its own."
        )
    if not found:
        raise InputError(
            f"'{path}' holds no state dict (names and tensors); give the released .pth file of the "
            "weights."
        )
    return found[fitting[0]] if fitting else max(found.values(), key=len)


def with_norms(state: Mapping[str, Tensor], expected: Collection[str]) -> State:
    """A state dict whose spectral normalisations are stored as the `expected` names have them.

    Folded weights, `weight_orig` with the vectors u and v (torch's older way, without v before
    0.4.1) and `parametrizations.weight` (the newer one) become each other; the weights that a
    network in eval mode computes of them are the same.
    """
    result = {_older(name): tensor for name, tensor in state.items()}
    for name in expected:
        base = name.removesuffix("_orig")
        if base in result and name != base:
            result |= _normalised(base, result.pop(base))
        elif f"{base}_orig" in result and f"{base}_u" in result:
            weight, u = result[f"{base}_orig"], result[f"{base}_u"]
            rows = weight.flatten(1).to(u.dtype)
            v = result.setdefault(f"{base}_v", torch.nn.functional.normalize(rows.T @ u, dim=0))
            if name == base:
                result[base] = weight / torch.dot(u, rows @ v)
                for part in ("orig", "u", "v"):
                    del result[f"{base}_{part}"]
    return result


def _normalised(name: str, weight: Tensor) -> State:
    """A folded weight as one that normalises to itself: u and v with u W v = 1."""
    rows = weight.flatten(1).float()
    u = torch.full((len(rows),), len(rows) ** -0.5)
    v = rows.T @ u
    size = torch.linalg.vector_norm(v).clamp(min=1e-12)
    return {f"{name}_orig": weight, f"{name}_u": u / size, f"{name}_v": v / size}


def _older(name: str) -> str:
    """The older name of a part of a spectral normalisation."""
    base, parametrized, rest = name.partition("parametrizations.weight.")
    older = {"original": "weight_orig", "0._u": "weight_u", "0._v": "weight_v"}
    return base + older[rest] if parametrized and rest in older else name


def _states(record: Any, place: str, levels: int) -> Iterator[tuple[str, State]]:
    """The state dicts in a checkpoint, each with its place, such as `model.netG`."""
    if not isinstance(record, Mapping) or not levels or record.keys() >= OPTIMIZER:
        return
    tensors = {str(name): value for name, value in record.items() if isinstance(value, Tensor)}
    if tensors:
        yield place or "the file itself", tensors
    for name, value in record.items():
        yield from _states(value, f"{place}.{name}".lstrip("."), levels - 1)


def _selected(state: State, telling: Collection[str]) -> State:
    """The tensors of one network: without what stands before all names, or those that tell."""
    prefixes = (*WRAPPERS, *TRAININGS) if telling else WRAPPERS
    while prefix := next((p for p in prefixes if all(n.startswith(p) for n in state)), ""):
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    if state.keys() & telling:
        return state
    for told in telling:
        for name in state:
            if name.endswith(f".{told}"):
                prefix = name.removesuffix(told)
                return {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}
    return state
