import json
from dataclasses import dataclass
from typing import Literal

import pytest
import torch

from files.errors import InputError
from files.weights import (
    load_config,
    load_module,
    load_tensors,
    read_record,
    save_weights,
)
from files.whole import write_atomically


@dataclass(frozen=True)
class Config:
    width: int = 3
    widths: tuple[int, ...] = (1, 2)


@pytest.fixture
def folder(tmp_path):
    save_weights(tmp_path / "part", "part", Config(4, (5, 6)), torch.nn.Linear(4, 2).state_dict())
    return tmp_path / "part"


def test_a_part_comes_back_as_it_was_stored(folder):
    assert load_config(folder, "part", Config) == Config(4, (5, 6))
    module = load_module(folder, lambda: torch.nn.Linear(4, 2))
    assert torch.equal(module.weight, load_tensors(folder)["weight"])
    assert not module.training


def test_wide_kernels_can_be_stored_as_8_bit_numbers(tmp_path):
    torch.manual_seed(0)
    kernel = torch.randn(4, 16, 3, 3)
    state = {"kernel": kernel, "small": torch.randn(4, 4, 3, 3), "number": torch.tensor(2.5)}
    save_weights(tmp_path, "part", Config(), state, int8=True)
    found = load_tensors(tmp_path)
    assert torch.equal(found["small"], state["small"])
    assert torch.equal(found["number"], state["number"])
    step = kernel.abs().amax((1, 2, 3)) / 127
    assert ((found["kernel"] - kernel).abs().amax((1, 2, 3)) <= 0.5001 * step).all()
    save_weights(tmp_path, "part", Config(), found, int8=True)
    torch.testing.assert_close(load_tensors(tmp_path)["kernel"], found["kernel"])


def test_wide_matrices_can_be_stored_as_8_bit_numbers(tmp_path):
    torch.manual_seed(0)
    state = {
        "wide": torch.randn(5, 200) * torch.tensor([1e-3, 1.0, 10.0, 0.0, 1.0])[:, None],
        "narrow": torch.randn(200, 5),
        "bias": torch.randn(200),
        "count": torch.arange(400).reshape(2, 200),
    }
    save_weights(tmp_path, "part", Config(), state, int8=True)
    found = load_tensors(tmp_path)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], state[name]) for name in ("narrow", "bias", "count"))
    step = state["wide"].abs().amax(1) / 127
    assert ((found["wide"] - state["wide"]).abs().amax(1) <= 0.5001 * step).all()
    assert found["wide"].dtype == torch.float32
    size = (tmp_path / "model.safetensors").stat().st_size
    assert size < 1000 + 4 * (5 + 1000 + 200) + 8 * 400 + 500


def test_another_kind_is_refused(folder):
    with pytest.raises(InputError, match="describes a 'part'"):
        read_record(folder, "tagger")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"config\.json is missing"):
        load_config(tmp_path / "none", "part", Config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        (json.dumps({"kind": "part", "format": 9}), "format 9"),
        (json.dumps({"kind": "part", "format": 1, "depth": 1}), "depth"),
    ],
)
def test_a_damaged_configuration_is_refused(folder, text, message):
    (folder / "config.json").write_text(text)
    with pytest.raises(InputError, match=message):
        load_config(folder, "part", Config)


def test_truncated_weights_are_refused(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="damaged or truncated"):
        load_tensors(folder)
    path.unlink()
    with pytest.raises(InputError, match="missing"):
        load_tensors(folder)


def test_weights_of_another_shape_are_refused(folder):
    with pytest.raises(InputError, match="do not fit"):
        load_module(folder, lambda: torch.nn.Linear(4, 3))


def test_a_configuration_of_no_network_is_refused(folder):
    with pytest.raises(InputError, match=r"do not fit its config\.json"):
        load_module(folder, lambda: torch.nn.Linear(-1, 3))


class Widths(torch.nn.Module):
    """Layers whose numbers are never filled where there are more than the weights have."""

    def __init__(self, widths):
        super().__init__()
        self.layers = torch.nn.ModuleList(Filled(width, width) for width in widths)


class Filled(torch.nn.Linear):
    filled = 0

    def reset_parameters(self):
        Filled.filled = max(Filled.filled, self.in_features)
        super().reset_parameters()


@pytest.mark.parametrize("widths", [[50_000], iter(lambda: 8, 0)], ids=["wide", "endless"])
def test_larger_networks_than_the_weights_are_not_filled(tmp_path, widths):
    save_weights(tmp_path, "part", Config(), Widths([8, 8]).state_dict())
    Filled.filled = 0
    with pytest.raises(InputError, match=r"do not fit its config\.json \(more than [\d,]+ numbers"):
        load_module(tmp_path, lambda: Widths(widths))
    assert Filled.filled <= 8


def test_tensors_of_other_names_are_told(folder):
    with pytest.raises(InputError, match=r"\(0\.weight is missing, by the configuration 2x4\)"):
        load_module(folder, lambda: torch.nn.Sequential(torch.nn.Linear(4, 2)))


@dataclass(frozen=True)
class Typed:
    width: int = 3
    rate: float = 1.0
    bundled: bool = True
    style: Literal["a", "b"] = "a"
    widths: tuple[int, ...] = ()
    pair: tuple[int, float] = (1, 2.0)
    none: int | None = None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"width": 64.0}, "has 'width': 64.0; expected a whole number"),
        ({"width": True}, "'width': True; expected a whole number"),
        ({"width": "64"}, "'width': '64'; expected a whole number"),
        ({"width": None}, "'width': None; expected a whole number"),
        ({"rate": float("nan")}, "'rate': nan; expected a finite number"),
        ({"bundled": 1}, "'bundled': 1; expected true or false"),
        ({"style": "c"}, "'style': 'c'; expected 'a' or 'b'"),
        ({"widths": 3}, "'widths': 3; expected a list, each item a whole number"),
        ({"widths": [1, 2.0]}, r"'widths': \[1, 2.0\]; expected a list"),
        ({"pair": [1]}, r"'pair': \[1\]; expected a list of a whole number, a finite number"),
        ({"none": 1.5}, "'none': 1.5; expected a whole number or null"),
    ],
)
def test_a_setting_of_another_type_is_named(tmp_path, setting, message):
    save_weights(tmp_path, "part", Typed(), {})
    right = load_config(tmp_path, "part", Typed)
    assert right == Typed()
    record = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**record, **setting}))
    with pytest.raises(InputError, match=message):
        load_config(tmp_path, "part", Typed)


def test_whole_numbers_will_do_for_others_and_a_byte_order_mark_for_nothing(tmp_path):
    save_weights(tmp_path, "part", Typed(rate=2, none=5), {})
    path = tmp_path / "config.json"
    path.write_text(path.read_text(), "utf-8-sig")
    assert load_config(tmp_path, "part", Typed) == Typed(rate=2, none=5)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_atomically(path, b"new")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]
