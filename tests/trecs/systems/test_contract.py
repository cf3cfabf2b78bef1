"""What every system promises, whoever adds it: run over the registry's names."""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import UNLABELED
from tests.conftest import ROOT
from tests.trecs.evaluation.tiny_run import SIZE
from trecs.interface.panels.comparison.comparison import inspected
from trecs.narrative import Narrative
from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.interface import Home, NotInstalled, System

TESTS = Path(__file__).parent
RESUMES = "test_a_stopped_run_goes_on_as_if_it_had_not_stopped"
each_card = pytest.mark.parametrize("card", registry.cards().values(), ids=registry.names())
each_with_weights = pytest.mark.parametrize(
    "card", [card for card in registry.cards().values() if card.ways], ids=lambda card: card.name
)


def module_of(card: Card, name: str) -> Any:
    """A module of a system's tests."""
    return importlib.import_module(f"tests.trecs.systems.{card.folder.name}.{name}")


@pytest.fixture
def system(card: Card, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    """The bundled system, or a tiny one where none is bundled."""
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    if not card.installed(home):
        module_of(card, "tiny").install(tmp_path / "weights" / card.name)
    assert all(part.exists() for part in card.parts(home))
    return card.load(home)


@each_card
def test_its_card_names_what_is_there(card: Card) -> None:
    assert issubclass(card.named(card.system), System)
    if card.train is not None:
        assert callable(card.named(card.train.function))
        assert card.named(card.train.numbers).tiny()
    if card.released is not None:
        assert callable(card.named(card.released.function))
    assert len(card.text.split()) >= 20
    assert card.name.isidentifier()
    assert "|" not in "".join((card.title, card.short, card.paper, card.licence))


def test_one_system_is_the_pages_own_and_one_the_control() -> None:
    cards = registry.cards().values()
    assert [card.name for card in cards if card.page == "own"] == [registry.own().name]
    assert len([card for card in cards if card.control]) == 1


def test_every_folder_of_a_system_has_a_card() -> None:
    folders = {path for path in (ROOT / "trecs" / "systems").iterdir() if path.is_dir()}
    cards = {card.folder for card in registry.cards().values()}
    assert {path.name for path in folders - cards} - {"__pycache__"} == {"parts"}


@each_card
def test_a_drawing_depends_on_narrative_and_seed(
    card: Card, system: System, told: Narrative
) -> None:
    drawing, again, other = (system.draw(told, seed) for seed in (3, 3, 4))
    second = system.draw(told, 3, 1)
    side = len(drawing.picture)
    assert (drawing.picture.shape, drawing.picture.dtype) == ((side, side, 3), np.uint8)
    assert side in (card.sizes or [SIZE])
    assert drawing.resized(SIZE).picture.shape == (SIZE, SIZE, 3)
    assert np.array_equal(drawing.picture, again.picture)
    assert np.array_equal(drawing.picture, other.picture) != card.noise
    assert np.array_equal(drawing.picture, second.picture) == card.noise
    assert (drawing.canvas is not None) == system.composes
    if drawing.canvas:
        assert drawing.canvas.label_map.shape == (side, side)
        assert (drawing.canvas.label_map != UNLABELED).all()
    if drawing.tags is not None:
        assert drawing.tags.shape == (len(told.words),)
    if drawing.attention:
        for maps in drawing.attention.maps.values():
            assert len(maps) == len(drawing.attention.words)
    shown = inspected(card.short, drawing)
    assert shown or not (drawing.attention or len(drawing.frames) > 1 or drawing.notes)


@each_card
def test_what_it_does_not_see_changes_nothing(card: Card, system: System, told: Narrative) -> None:
    first, second = system.draw(told, 0), system.draw(told.without_trace(), 0)
    assert np.array_equal(first.picture, second.picture) != ("trace" in card.sees)


@each_card
def test_without_words_it_draws_by_the_trace_or_says_why_not(
    card: Card, system: System, told: Narrative
) -> None:
    if "trace" in card.sees:
        assert system.draw(Narrative((), told.strokes), 0).picture.any()
    else:
        with pytest.raises(InputError, match="no word"):
            system.draw(Narrative((), told.strokes), 0)


@each_with_weights
def test_a_tiny_one_is_saved_and_loaded(
    card: Card, home: Home, told: Narrative, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    bare = replace(home, checkpoint=tmp_path)
    assert not card.installed(bare)
    with pytest.raises(NotInstalled, match=rf"No {card.title} in .*{card.ways[0]}"):
        card.load(bare)
    module_of(card, "tiny").install(tmp_path / "weights" / card.name)
    assert card.installed(bare)
    one, other = (card.load(bare).draw(told, 1).picture for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "card", [card for card in registry.cards().values() if card.train], ids=lambda card: card.name
)
def test_its_training_is_tested_to_resume(card: Card) -> None:
    assert callable(getattr(module_of(card, "test_training"), RESUMES))
