"""The tensors of a TorchScript archive, read without running or compiling its program."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from files.errors import InputError
from files.unpacking import MOST_NAMES, unreadable

TYPES = {
    f"{name}Storage": kind
    for name, kind in (
        ("Half", torch.float16), ("Float", torch.float32), ("Double", torch.float64),
        ("BFloat16", torch.bfloat16), ("Long", torch.int64), ("Int", torch.int32),
        ("Bool", torch.bool),
    )
}  # fmt: skip


class _Module:
    """What stands for a module of the program: its attributes alone."""

    attributes: Mapping[str, Any]

    def __setstate__(self, state: Any) -> None:
        self.attributes = state if isinstance(state, dict) else {}


def is_program(path: Path) -> bool:
    """Whether a file is a TorchScript archive."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
    return any("/code/" in name for name in names)


def read_program(path: Path) -> dict[str, Tensor]:
    """The tensors of the modules of a TorchScript archive, by name.

    Attributes that are no parameters are among them. Raises InputError where it is damaged, is
    compressed, or holds objects other than modules, tensors and containers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            whole = next(one for one in archive.infolist() if one.filename.endswith("/data.pkl"))
            if whole.filename.count("/") != 1 or whole.file_size > MOST_NAMES:
                raise ValueError("its data.pkl is not torch's")
            folder = whole.filename.removesuffix("data.pkl") + "data/"
            data = [one for one in archive.infolist() if one.filename.startswith(folder)]
            if any(one.compress_type != zipfile.ZIP_STORED for one in (whole, *data)):
                raise ValueError("it is compressed, which torch's are not")
            with archive.open(whole) as file:
                root = _Reader(file, archive, folder).load()
        return dict(_tensors(root, "", set()))
    except Exception as error:  # pickle raises whatever the bytes lead to
        why = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise unreadable(path, why) from error


class _Reader(pickle._Unpickler):
    """Makes modules of names and tensors only; whatever else is looked up by name is refused.

    A bytearray would be made at any length that it is told, and a tensor's state could be one of
    more numbers than there are.
    """

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    _build = dispatch[pickle.BUILD[0]]
    stack: list[Any]

    def __init__(self, file: Any, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self._archive, self._folder = archive, folder
        self._contents = dict[str, bytearray]()  # of storages, which several tensors may share

    def load_build(self) -> None:
        """Gives a module its attributes."""
        if not isinstance(self.stack[-2], _Module):
            raise pickle.UnpicklingError("it gives a state to what is no module")
        self._build()

    dispatch[pickle.BUILD[0]] = load_build

    def load_bytearray8(self) -> None:
        """Refuses it."""
        raise pickle.UnpicklingError("it holds a bytearray")

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def find_class(self, module: str, name: str) -> Any:
        """One of the few things that a program's data consist of."""
        if module.split(".")[0] == "__torch__":
            return _Module
        if module == "torch" and name in TYPES:
            return TYPES[name]
        if (module, name) in KNOWN:
            return KNOWN[module, name]
        raise pickle.UnpicklingError(f"it holds '{module}.{name}', which could run code")

    def persistent_load(self, told: Any) -> Tensor:
        """The numbers of a storage, which lie in a file of their own."""
        _, kind, name, _, count = told
        if name not in self._contents:
            self._contents[name] = bytearray(self._archive.read(self._folder + str(name)))
        content = self._contents[name]
        numbers = torch.frombuffer(content, dtype=kind) if content else torch.zeros(0, dtype=kind)
        if len(numbers) != count:
            raise ValueError(f"storage {name} has {len(numbers)} numbers in place of {count}")
        return numbers


def _tensor(numbers: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...],
            *others: Any) -> Tensor:  # fmt: skip
    """Torch checks that the view lies within the numbers, but not that it repeats none."""
    view = numbers.as_strided(size, stride, offset)
    if view.numel() > len(numbers):
        raise ValueError(f"a tensor is {view.numel():,} numbers of a storage of {len(numbers)}")
    return view


def _tensors(module: Any, before: str, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    if id(module) in seen:
        raise InputError("a module stands at two places")
    seen.add(id(module))
    for name, value in getattr(module, "attributes", {}).items():
        if isinstance(value, Tensor):
            yield before + str(name), value
        elif isinstance(value, _Module):
            yield from _tensors(value, f"{before}{name}.", seen)


def _given(value: Any, *kind: Any) -> Any:
    return value


KNOWN: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch.jit._pickle", "restore_type_tag"): _given,
    ("torch.jit._pickle", "build_intlist"): _given,
    ("torch.jit._pickle", "build_doublelist"): _given,
    ("torch.jit._pickle", "build_boollist"): _given,
}
