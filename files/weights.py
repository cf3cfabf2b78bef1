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
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from files.errors import InputError

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


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: to a temporary name beside it, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
    try:
        return config_type(**{name: _untupled(value) for name, value in given.items()})
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
        record = json.loads(path.read_text("utf-8"))
        found = record["kind"], record["format"]
    except (ValueError, KeyError, TypeError) as error:
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
        raise InputError(
            f"The weights '{path}' are missing; restore the file or train the part again."
        ) from None
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"The weights '{path}' are damaged or truncated ({error}); restore the file from the "
            "repository or train the part again."
        ) from error


def load_module(
    folder: Path, make: Callable[[], Module], *, beside: Mapping[str, Any] | None = None
) -> Module:
    """Makes a part's torch module and loads its tensors, in eval mode.

    `beside`: tensors that the folder leaves out.

    Raises InputError where no module can be made of the configuration, or where the weights
    beside it have other names or shapes.
    """
    tensors = {**(beside or {}), **load_tensors(folder)}
    try:
        module = make()
        module.load_state_dict(tensors)
    except Exception as error:  # torch raises whatever the numbers lead to
        why = (str(error).splitlines() or [type(error).__name__])[-1].strip()
        raise InputError(
            f"The weights in '{folder}' do not fit its config.json ({why[:200]}); both files must "
            "come from one training."
        ) from error
    return module.eval()


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


def _maker(kind: str) -> str:
    """What makes a part: a training, which a part of one (`painter-latents`) is named after."""
    return MAKERS.get(kind, f"`trecs train {kind.partition('-')[0]}`")


def _untupled(value: Any) -> Any:
    """JSON has lists where the dataclasses have tuples."""
    return tuple(_untupled(item) for item in value) if isinstance(value, list) else value
