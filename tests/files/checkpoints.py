"""Files that are given as weights and are none: foreign, damaged, huge, and such as run code."""

import io
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save as save_safetensors

SPRUNG = "sprung"  # the file that a trap makes where it is run
TENSORS = {"weight": torch.ones(2, 2), "bias": torch.zeros(2)}


class Trap:
    """What calls something when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.told = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.told


class Stateful(Trap):
    """... when its state is set, through `__setstate__` of what is named."""

    def __reduce__(self) -> Any:
        return (Trap, (print,), {"told": Trap(*self.told[:1], *self.told[1])})


def traps() -> dict[str, Any]:
    """Objects that would make the file SPRUNG, or worse, when they are unpickled."""
    import importlib
    import os
    import runpy
    import shutil
    import subprocess
    import webbrowser

    write = f"open({SPRUNG!r}, 'w').close()"
    return {
        "eval": Trap(eval, write),
        "exec": Trap(exec, write),
        "system": Trap(os.system, f"touch {SPRUNG}"),
        "popen": Trap(os.popen, f"touch {SPRUNG}"),
        "mkdir": Trap(os.mkdir, SPRUNG),
        "subprocess": Trap(subprocess.check_call, ["touch", SPRUNG]),
        "open": Trap(open, SPRUNG, "w"),
        "touch": Trap(Path.touch, Path(SPRUNG)),
        "copy": Trap(shutil.copyfile, "/dev/null", SPRUNG),
        "run": Trap(runpy.run_path, SPRUNG),
        "import": Trap(importlib.import_module, "antigravity"),
        "browser": Trap(webbrowser.open, "file:///"),
        "getattr": Trap(getattr, Path, "touch"),
        "torch.load": Trap(torch.load, SPRUNG),
        "torch.save": Trap(torch.save, TENSORS, SPRUNG),
        "numpy.save": Trap(np.save, SPRUNG, np.zeros(1)),
        "state": Stateful(eval, write),
    }


def hostile() -> Iterator[tuple[str, bytes]]:
    """Traps in each place and format, by name."""
    places: dict[str, Callable[[Any], Any]] = {
        "alone": lambda trap: trap,
        "a value": lambda trap: {**TENSORS, "trap": trap},
        "deep": lambda trap: {"netG": {**TENSORS}, "args": [{"of": (trap,)}]},
    }
    for name, trap in traps().items():
        for place, put in places.items():
            record = put(trap)
            yield f"{name}, {place}, zip", saved(record)
            yield f"{name}, {place}, of 2019", saved(record, _use_new_zipfile_serialization=False)
        for protocol in (0, 2, 4):
            yield f"{name}, pickle {protocol}", pickle.dumps(trap, protocol)


def foreign() -> Iterator[tuple[str, bytes]]:
    """Files of other programs, of other networks, and halves of files, by name."""
    array, archive = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros(3))
    np.savez(archive, weight=np.zeros(3))
    whole = saved(TENSORS)
    older = saved(TENSORS, _use_new_zipfile_serialization=False)
    head = b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'
    yield from {
        "nothing": b"",
        "zeros": bytes(4096),
        "a web page": b"<!DOCTYPE html><html></html>",
        "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        "JSON": b'{"weight": [1, 2]}',
        "Keras": b"\x89HDF\r\n\x1a\n" + bytes(64),
        "GGUF": b"GGUF\x03\0\0\0" + bytes(64),
        "ONNX": b"\x08\x07\x12\x07pytorch" + bytes(64),
        "NumPy": array.getvalue(),
        "NumPy archive": archive.getvalue(),
        "gzip": b"\x1f\x8b\x08\0" + bytes(64),
        "RAR": b"Rar!\x1a\x07\x01\0" + bytes(64),
        "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "a zip archive": zipped({"weights/latest_net_G.pth": whole}),
        "a program": zipped({"net/data.pkl": b"N.", "net/code/net.py": b"", "net/version": b"3"}),
        "half a zip": whole[: len(whole) // 2],
        "half of 2019": older[: len(older) // 2],
        "a number": saved(3),
        "a tensor": saved(torch.ones(2)),
        "a list": saved([torch.ones(2)]),
        "numbers": saved({"epoch": 3}),
        "an optimizer": saved({"state": {0: {"step": torch.ones(1)}}, "param_groups": []}),
        "spread": saved({"weight": torch.zeros(1).expand(2**14, 2**14)}),
        "sparse": saved({"weight": torch.eye(3).to_sparse()}),
        "safetensors cut off": struct.pack("<Q", len(head)) + head,
        "another network": saved(TENSORS),
        "another network's safetensors": save_safetensors(TENSORS),
        "deflated zeros": zipped({"net/data.pkl": b"N.", "net/data/0": bytes(2**25)}, deflate=True),
        "a long array": zipped({"net/data.pkl": b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."}),
        "a deep pickle": pickle.dumps(None)[:-2] + b"(" * 100_000 + b".",
    }.items()


def saved(record: Any, **how: Any) -> bytes:
    """What `torch.save` writes."""
    buffer = io.BytesIO()
    torch.save(record, buffer, **how)
    return buffer.getvalue()


def zipped(files: dict[str, bytes], *, deflate: bool = False) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
