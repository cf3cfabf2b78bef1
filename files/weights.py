"""Weights on disk: a folder with `config.json` and `model.safetensors`, written atomically.

Every trained part of the studio is stored so: `config.json` holds `kind` (what the part is),
`format` (1) and the numbers of its configuration; further text files (a vocabulary) may stand
beside it. Nothing is unpickled.

Large matrices and kernels may be stored as 8-bit numbers, a quarter of the size: int8 under the
tensor's name, and a float32 scale for each row (or output channel) under the name with `:scale`.
Reading multiplies them out.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from files.errors import InputError
from files.settings import is_of, told_type
from files.text import read_text
from files.whole import write_atomically

if TYPE_CHECKING:
    from torch import nn

FORMAT = 1
BUNDLED = Path(__file__).parents[1] / "checkpoints"
"""The trained parts that come with the repository."""
INT8_WIDTH = 128
SCALE = ":scale"
MAKERS = {"layout": "`trecs train shapes`", "trecs": "`TReCS.save_pretrained`"}
"""What makes parts of kinds that no training is named after."""
Config = TypeVar("Config")
Module = TypeVar("Module", bound="nn.Module")


def save_weights(
    folder: Path, kind: str, config: Any, state: Mapping[str, Any], *, int8: bool = False
) -> None:
    """Stores a part: its kind, its configuration (a dataclass instance) and its tensors.

    `int8`: float matrices and kernels with rows of at least INT8_WIDTH numbers as 8-bit ones, to
    about 1/254 of each row's largest value.
    """
    from safetensors.torch import save

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    if int8:
        tensors = _quantized(tensors)
    write_atomically(folder / "model.safetensors", save(tensors))
    record = {"kind": kind, "format": FORMAT, **dataclasses.asdict(config)}
    write_atomically(folder / "config.json", (json.dumps(record, indent=2) + "\n").encode())


def load_config(folder: Path, kind: str, config_type: type[Config]) -> Config:
    """Reads a part's configuration.

    Raises InputError where the folder is missing, holds another kind, or is damaged.
    """
    record = read_record(folder, kind)
    known = {field.name for field in dataclasses.fields(config_type)}  # type: ignore[arg-type]
    given = {name: value for name, value in record.items() if name not in ("kind", "format")}
    if set(given) - known:
        raise InputError(
            f"'{folder}/config.json' has settings this version does not know: "
            f"{', '.join(sorted(set(given) - known))}. Update TReCS Studio or use its checkpoints."
        )
    given = {name: _untupled(value) for name, value in given.items()}
    hints = get_type_hints(config_type)
    if wrong := next((name for name in given if not is_of(given[name], hints[name])), None):
        raise InputError(
            f"'{folder}/config.json' has '{wrong}': {record[wrong]!r}; expected "
            f"{told_type(hints[wrong])}. Restore the file or make it again with {_maker(kind)}."
        )
    try:
        return config_type(**given)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"'{folder}/config.json' is not a usable configuration of a {kind} ({error}); "
            f"restore the file or make it again with {_maker(kind)}."
        ) from error


def read_record(folder: Path, kind: str) -> dict[str, Any]:
    """Reads a part's `config.json` as it is, checked for its kind and format."""
    path = folder / "config.json"
    if not path.is_file():
        raise InputError(
            f"No {kind} in '{folder}': config.json is missing. Expected a folder written by "
            f"{_maker(kind)} or the `checkpoints` folder of the repository."
        )
    try:
        record = json.loads(read_text(path, f"'{path}'"))
        found = record["kind"], record["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"'{path}' is damaged or not ours ({type(error).__name__}: {error}); restore it or "
            f"make it again with {_maker(kind)}."
        ) from error
    if found != (kind, FORMAT):
        raise InputError(
            f"'{path}' describes a '{found[0]}' of format {found[1]}; expected a '{kind}' of "
            f"format {FORMAT}. Give the folder of a {kind}."
        )
    return dict(record)


def load_tensors(folder: Path) -> dict[str, Any]:
    """Reads a part's tensors; raises InputError where the file is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    try:
        return _dequantized(load_file(path))
    except FileNotFoundError:
        raise _missing(path) from None
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error


def load_module(
    folder: Path, make: Callable[[], Module], *, beside: Mapping[str, Any] | None = None
) -> Module:
    """Makes a part's torch module and loads its tensors, in eval mode.

    `beside`: tensors that the folder leaves out.

    Raises InputError where no module can be made of the configuration, or where the weights
    beside it have other names or shapes; these are compared before anything is allocated.
    """
    others = {name: tuple(tensor.shape) for name, tensor in (beside or {}).items()}
    shapes = {**others, **tensor_shapes(folder)}
    module = made(folder, make, sum(map(prod, shapes.values())))
    wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    names = (*wanted, *shapes)
    if name := next((name for name in names if wanted.get(name) != shapes.get(name)), None):
        stored, told = _shape(shapes.get(name)), _shape(wanted.get(name))
        raise _misfit(folder, f"{name} is {stored}, by the configuration {told}")
    module.load_state_dict({**(beside or {}), **load_tensors(folder)})
    return module.eval()


def made(folder: Path, make: Callable[[], Module], numbers: int) -> Module:
    """Makes a part's torch module of at most so many numbers, those that are stored for it.

    Raises InputError where it would have more, or where none can be made.
    """
    from files.sizing import at_most

    try:
        with at_most(numbers):
            return make()
    except InputError:
        raise
    except Exception as error:  # torch raises whatever the numbers lead to
        raise _misfit(folder, (str(error).splitlines() or [type(error).__name__])[-1]) from error


def tensor_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of a part's tensors, by name, from its file's header alone.

    Raises InputError where the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / "model.safetensors"
    try:
        with safe_open(path, "numpy") as file:
            names = [name for name in file.keys() if not name.endswith(SCALE)]  # noqa: SIM118
            return {name: tuple(file.get_slice(name).get_shape()) for name in names}
    except FileNotFoundError:
        raise _missing(path) from None
    except (SafetensorError, OSError) as error:
        raise _damaged(path, error) from error


def halved(state: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors as float16 where that can hold their numbers."""
    result = {}
    for name, value in state.items():
        half = value.half() if value.is_floating_point() else value
        result[name] = half if bool(half.isfinite().all()) else value
    return result


def _quantized(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors, those with wide float rows as int8 and the rows' scales."""
    import torch

    result: dict[str, Any] = {}
    for name, tensor in tensors.items():
        if tensor.ndim > 1 and tensor.is_floating_point() and tensor[0].numel() >= INT8_WIDTH:
            rows = tensor.float().flatten(1)
            scale = rows.abs().amax(1).clamp(min=1e-30) / 127  # (rows,)
            result[name] = (rows / scale[:, None]).round().to(torch.int8).view(tensor.shape)
            result[name + SCALE] = scale
        else:
            result[name] = tensor
    return result


def _dequantized(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors as they were, but for rounding."""
    result: dict[str, Any] = {}
    for name, tensor in tensors.items():
        if name + SCALE in tensors:
            scale = tensors[name + SCALE]
            result[name] = tensor * scale.view(-1, *[1] * (tensor.ndim - 1))
        elif not name.endswith(SCALE):
            result[name] = tensor
    return result


def _missing(path: Path) -> InputError:
    return InputError(
        f"The weights '{path}' are missing; restore the file or train the part again."
    )


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"The weights '{path}' are damaged or truncated ({error}); restore the file from the "
        "repository or train the part again."
    )


def _misfit(folder: Path, why: str) -> InputError:
    return InputError(
        f"The weights in '{folder}' do not fit its config.json ({why.strip()[:200]}); both files "
        "must come from one training."
    )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else "x".join(map(str, shape)) or "a number"


def _maker(kind: str) -> str:
    """What makes a part: a training, which a part of one (`painter-latents`) is named after."""
    return MAKERS.get(kind, f"`trecs train {kind.partition('-')[0]}`")


def _untupled(value: Any) -> Any:
    """JSON has lists where the dataclasses have tuples."""
    return tuple(_untupled(item) for item in value) if isinstance(value, list) else value
