from pathlib import Path

import pytest
import torch

from files.errors import InputError
from files.released import fitted, read_state


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("open('sprung', 'w').close()",)


@pytest.mark.parametrize("modern", [True, False], ids=["zip", "of 2019"])
def test_tensors_are_read(tmp_path: Path, modern: bool) -> None:
    path = tmp_path / "net.pth"
    state = torch.nn.BatchNorm1d(2).state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=modern)
    read = read_state(path)
    assert list(read) == list(state)
    assert read["weight"].tolist() == [1, 1]


def test_objects_are_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": torch.ones(1), "trap": Trap()}, "net.pth")
    with pytest.raises(InputError, match="objects other than tensors"):
        read_state(Path("net.pth"))
    assert not Path("sprung").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no file"), (b"", "cannot be read|not a plain"), (b"<html>", "not a plain")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "net.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_state(path)


@pytest.mark.parametrize("content", [torch.ones(2), {"epoch": 3}, [torch.ones(1)]])
def test_what_is_no_state_dict_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "net.pth")
    with pytest.raises(InputError, match="no state dict"):
        read_state(tmp_path / "net.pth")


EXPECTED = {"a": torch.ones(2), "b": torch.ones(3), "count": torch.tensor(0)}


def test_tensors_are_cast_to_what_is_expected() -> None:
    given = {"a": torch.ones(2).half(), "b": torch.ones(3), "count": torch.tensor(7)}
    found = fitted(given, EXPECTED, Path("x"), "a net")
    assert {name: (tensor.dtype, tensor.shape) for name, tensor in found.items()} == {
        name: (tensor.dtype, tensor.shape) for name, tensor in EXPECTED.items()
    }
    assert found["count"] == 7


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": torch.ones(2)}, r"'x' is not a net: 2 missing \(b, count\)\.$"),
        ({**EXPECTED, "c": torch.ones(1)}, r"a net: 1 unknown \(c\)\.$"),
        (
            {**EXPECTED, "a": torch.ones(4)},
            r"a net: 1 of another shape \(a \(4,\), expected \(2,\)\)\.$",
        ),
        (
            {"a": torch.ones(4), **{f"c{i}": torch.ones(1) for i in range(9)}},
            r"2 missing .*; 9 unknown \(c0, c1, c2, \.\.\.\); 1 of another shape",
        ),
        ({**EXPECTED, "b": torch.tensor([0, torch.nan, 1])}, r"damaged: 1 not finite \(b\)"),
    ],
)
def test_what_does_not_fit_is_told(given: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fitted(given, EXPECTED, Path("x"), "a net")


SPECTRAL = {"c.weight_orig": torch.ones(2, 3), "c.weight_u": torch.ones(2)}
FOLDED = {"c.weight": torch.ones(2, 3)}


@pytest.mark.parametrize(
    ("given", "expected", "message"),
    [
        ({**EXPECTED, "a": torch.ones(2).int()}, EXPECTED, r"a net: 1 of whole numbers \(a\)"),
        ({**SPECTRAL, "c.weight_u": torch.ones(5)}, FOLDED, "spectral normalisation cannot be"),
        ({**SPECTRAL, "c.weight_orig": torch.ones(2)}, FOLDED, "spectral normalisation cannot be"),
        ({**SPECTRAL, "c.weight_u": torch.ones(2).int()}, FOLDED, r"whole numbers \(c.weight_u\)"),
    ],
)
def test_numbers_that_do_not_go_together_are_told(
    given: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fitted(given, expected, Path("x"), "a net")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04cut off"])
def test_what_is_cut_off_is_told_with_what_to_give(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pth").write_bytes(content)
    told = rf"\({len(content)} bytes\) cannot .* released \.pth file"
    with pytest.raises(InputError, match=told):
        read_state(tmp_path / "x.pth")
