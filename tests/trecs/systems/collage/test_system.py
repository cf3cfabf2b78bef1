from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from retrieval.own import add_photo
from retrieval.photos import photo_code
from tests.trecs.synthesis.collage.scenes import DOG, RED, SKY, labels, photo_of, write
from trecs.narrative import Narrative, from_text
from trecs.systems import registry
from trecs.systems.interface import Home, NotInstalled


@pytest.fixture(scope="module")
def encoder() -> DualEncoder:
    return DualEncoder.load(BUNDLED / "encoder")


def test_no_photos_anywhere_is_told(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    card = registry.card("collage")
    assert not card.installed(home)
    with pytest.raises(NotInstalled, match=r"`trecs library build --photos DIR`"):
        card.load(home, "cpu")


def test_the_chosen_masks_are_pasted_from_the_library_that_is_given(
    home: Home, encoder: DualEncoder, tmp_path: Path
) -> None:
    library = write(tmp_path / "library", encoder)
    given = replace(home, library=library.folder, pipelines={})
    drawing = registry.card("collage").load(given, "cpu").draw(from_text("a dog on grass"), 0)
    assert drawing.canvas is not None
    dog = drawing.picture[drawing.canvas.label_map == DOG].astype(int)
    assert len(dog)
    assert (np.abs(dog - RED).max(-1) < 90).mean() > 0.7
    plain = registry.card("traced").load(given, "cpu").draw(from_text("a dog on grass"), 0)
    assert plain.canvas is not None
    assert np.array_equal(plain.canvas.label_map, drawing.canvas.label_map)
    assert not np.array_equal(plain.picture, drawing.picture)


def test_a_photo_that_was_added_meanwhile_is_used(
    home: Home,
    encoder: DualEncoder,
    told: Narrative,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    painted = labels()
    sky = np.where(painted == SKY, painted, 255).astype(np.uint8)
    add_photo(tmp_path / "library", photo_code(photo_of(painted)), sky, encoder.embed)
    system = registry.card("collage").load(home, "cpu")
    before = system.draw(told, 0).picture
    add_photo(tmp_path / "library", photo_code(photo_of(painted)), painted, encoder.embed)
    assert not np.array_equal(system.draw(told, 0).picture, before)
