import io
import pickle
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from files.errors import InputError
from files.torchscript import is_program, read_program


def saved(module: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(module), str(path))
    return path


def test_parameters_are_read_by_name(tmp_path: Path) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Sequential(nn.Linear(2, 1)))
    module[0].half()
    path = saved(module, tmp_path / "a.pt")
    assert is_program(path)
    found = read_program(path)
    assert found.keys() == module.state_dict().keys()
    for name, value in module.state_dict().items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)


def test_views_of_one_storage_are_read(tmp_path: Path) -> None:
    module = nn.Module()
    numbers = torch.arange(12.0).view(3, 4)
    module.register_buffer("part", numbers.T[1:3])
    assert torch.equal(read_program(saved(module, tmp_path / "a.pt"))["part"], numbers.T[1:3])


def test_a_state_dict_is_no_program(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(2)}, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(b"PK no zip")
    assert not is_program(tmp_path / "a.pt")
    assert not is_program(tmp_path / "b.pt")


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("ran",)


@pytest.mark.parametrize(
    ("content", "why"),
    [(pickle.dumps(Harmful()), "builtins.print"), (b"\x80\x02", "EOFError"),
     (pickle.dumps([1])[:-3], "pickle|Error")],
)  # fmt: skip
def test_what_is_no_data_of_a_program_is_refused(
    content: bytes, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", content)
        archive.writestr("a/code/a.py", "")
    with pytest.raises(InputError, match=f"cannot be read as a PyTorch file.*{why}"):
        read_program(path)
    assert capsys.readouterr().out == ""


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    """The archive of another module's numbers, of which there are fewer."""
    small = saved(nn.Linear(1, 1), tmp_path / "small.pt")
    large = saved(nn.Linear(4, 4), tmp_path / "large.pt")
    with (
        zipfile.ZipFile(small) as few,
        zipfile.ZipFile(large) as many,
        zipfile.ZipFile(tmp_path / "a.pt", "w") as mixed,
    ):
        numbers = few.read("small/data/0")
        for name in many.namelist():
            mixed.writestr(name, numbers if name == "large/data/0" else many.read(name))
    with pytest.raises(InputError, match="numbers in place of"):
        read_program(tmp_path / "a.pt")


def program(path: Path, data: bytes, **storages: bytes) -> Path:
    """An archive of data and of storages by name, stored as torch's are."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", data)
        archive.writestr("a/code/a.py", "")
        for name, content in storages.items():
            archive.writestr(f"a/data/{name}", content)
    return path


class Told:
    """Is pickled as a call of something by its name, and a state of what it gives."""

    def __init__(self, called: Any, arguments: tuple[Any, ...], state: Any = None) -> None:
        self.called, self.arguments, self.state = called, arguments, state

    def __reduce__(self) -> tuple[Any, tuple[Any, ...], Any]:
        return self.called, self.arguments, self.state


class Storage(NamedTuple):
    """Is pickled as torch does a storage."""

    name: str
    numbers: int


class Writer(pickle.Pickler):
    def persistent_id(self, told: Any) -> Any:
        if isinstance(told, Storage):
            return "storage", torch.FloatStorage, told.name, "cpu", told.numbers
        return None


def pickled(*tensors: Told) -> bytes:
    buffer = io.BytesIO()
    Writer(buffer, 2).dump(tensors)
    return buffer.getvalue()


NUMBERS = Storage("0", 8)


def view(size: tuple[int, ...], stride: tuple[int, ...], state: Any = None) -> Told:
    rebuilt = torch._utils._rebuild_tensor_v2
    return Told(rebuilt, (NUMBERS, 0, size, stride, False, OrderedDict()), state)


def test_a_length_that_is_only_told_takes_no_memory(tmp_path: Path) -> None:
    """A bytearray of 8 GB, of which nothing is there."""
    told = b"\x80\x05\x96" + (8 * 2**30).to_bytes(8, "little") + b"."
    with pytest.raises(InputError, match="a bytearray"):
        read_program(program(tmp_path / "a.pt", told))


def test_a_view_of_more_numbers_than_its_storage_is_refused(tmp_path: Path) -> None:
    path = program(tmp_path / "a.pt", pickled(view((2**30, 8), (0, 1))), **{"0": bytes(32)})
    with pytest.raises(InputError, match="8,589,934,592 numbers of a storage of 8"):
        read_program(path)


def test_only_modules_are_given_a_state(tmp_path: Path) -> None:
    """That of a tensor could be one of more numbers."""
    data = pickled(view((8,), (1,), (NUMBERS, 0, (2**30, 8), (0, 1))))
    with pytest.raises(InputError, match="no module"):
        read_program(program(tmp_path / "a.pt", data, **{"0": bytes(32)}))


def test_a_storage_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, names = zipfile.ZipFile.read, list[str]()

    def reading(archive: zipfile.ZipFile, name: str) -> bytes:
        names.append(name)
        return read(archive, name)

    monkeypatch.setattr(zipfile.ZipFile, "read", reading)
    views = (view((8,), (1,)), view((2, 4), (4, 1)))
    read_program(program(tmp_path / "a.pt", pickled(*views), **{"0": bytes(32)}))
    assert names == ["a/data/0"]


def test_a_compressed_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", pickle.dumps([]))
    with pytest.raises(InputError, match="compressed"):
        read_program(tmp_path / "a.pt")
