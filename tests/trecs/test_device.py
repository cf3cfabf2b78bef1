"""Networks draw on a GPU where there is one; here one is only claimed, and what is asked noted."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trecs.systems.attngan.tiny import install
from trecs.cli import main
from trecs.device import best_device
from trecs.synthesis.generator import Generator
from trecs.systems import registry
from trecs.systems.attngan.model import AttnGan
from trecs.systems.interface import Home


class Asked(Exception):
    """Ends a command as soon as a network would be loaded."""


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The devices that networks are loaded to, on a machine that claims to have a GPU."""
    asked: list[Any] = []

    def load(folder: Path, device: Any = "cpu", **others: Any) -> Any:
        asked.append(device)
        raise Asked

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for network in (AttnGan, Generator):
        monkeypatch.setattr(network, "load", load)
    return asked


def test_the_gpu_is_best(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_device() == ("cuda" if torch.cuda.is_available() else "cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert best_device() == "cuda"


def test_commands_and_systems_load_to_the_gpu(
    devices: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    from PIL import Image

    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    install(tmp_path / "attngan")
    Image.new("L", (64, 64), 123).save(tmp_path / "labels.png")
    out = ["--out", str(tmp_path / "image.png"), "--checkpoint"]
    assert main(["attngan", "a dog", *out, str(tmp_path)]) == 1
    assert main(["render", str(tmp_path / "labels.png"), *out, str(checkpoints)]) == 1
    with pytest.raises(Asked):
        registry.card("attngan").load(Home(tmp_path))
    assert devices == ["cuda"] * 3
