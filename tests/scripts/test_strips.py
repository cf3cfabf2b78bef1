from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.strips import GAP, LEFT_OUT, SIDE, strip
from trecs.commands.systems import STRIPS, captions
from trecs.systems import registry
from trecs.systems.interface import Home


def test_pictures_of_any_size_stand_side_by_side() -> None:
    pictures = [np.full((side, side, 3), shade, np.uint8) for side, shade in ((32, 40), (256, 200))]
    drawn = np.asarray(strip(pictures))
    assert drawn.shape == (SIDE, 2 * SIDE + GAP, 3)
    assert (drawn[:, :SIDE] == 40).all()
    assert (drawn[:, SIDE + GAP :] == 200).all()
    assert (drawn[:, SIDE : SIDE + GAP] == 255).all()


def test_everything_that_ships_has_a_strip_of_all_captions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    home = Home()
    for card in registry.cards().values():
        if card.name in LEFT_OUT or not card.installed(home):
            continue
        with Image.open(STRIPS / f"{card.name}.jpg") as shown:
            assert shown.size == (len(captions()) * (SIDE + GAP) - GAP, SIDE)
