"""What only this system does; the rest is the contract of all."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.systems.diffusers.tiny import install
from trecs.narrative import from_text
from trecs.synthesis.diffusion import loading
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.systems import registry
from trecs.systems.interface import Home, NotInstalled


def test_without_the_library_it_is_not_installed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    card = registry.card("diffusers")
    assert not card.installed(home)
    with pytest.raises(NotInstalled, match=r"`pip install \.\[diffusion\]`"):
        card.parts(home)
    with pytest.raises(InputError, match=r"`pip install \.\[diffusion\]`"):
        card.load(home)


def test_where_nothing_may_be_downloaded_it_is_not_installed_without_its_weights(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> object:
        raise AssertionError("asked for")

    monkeypatch.setattr(loading, "load", load)
    named = DiffusionSettings("nobody/nothing", "nobody/neither")
    own = replace(home, diffusion=named, downloads=False)
    with pytest.raises(NotInstalled, match="neither a folder nor was it downloaded"):
        registry.card("diffusers").load(own)
    with pytest.raises(AssertionError, match="asked for"):
        registry.card("diffusers").load(replace(own, downloads=True))


def test_it_tells_its_steps_and_what_is_raised_then_ends_it(home: Home, tmp_path: Path) -> None:
    install(tmp_path)
    named = DiffusionSettings(str(tmp_path / "model"), str(tmp_path / "controlnet"), steps=3)
    own = Home(home.checkpoint, home.library, diffusion=named, size=64, pipelines=home.pipelines)
    system = registry.card("diffusers").load(own)
    steps: list[tuple[int, int]] = []
    system.watch = lambda done, of: steps.append((done, of))
    drawing = system.draw(from_text("a dog on the grass"), 0)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert drawing.picture.shape == (64, 64, 3)

    def stop(done: int, of: int) -> None:
        raise TimeoutError

    system.watch = stop
    with pytest.raises(TimeoutError):
        system.draw(from_text("a dog on the grass"), 0)
    coloured: list[tuple[int, int]] = []
    system.watch = lambda done, of: coloured.append((done, of))
    system.draw(from_text("a red dog on the grass"), 0)
    assert coloured == [(1, 2), (2, 2)]  # of 3 steps, from our painter's picture by 0.8
