from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.canvas import Canvas
from trecs.systems.interface import Drawing, Home, NotInstalled, WordAttention


def test_a_drawing_is_resized_with_its_canvas_and_keeps_the_rest() -> None:
    labels = np.full((8, 8), 17, np.uint8)
    attention = WordAttention(("a",), {"layer": np.ones((1, 2, 2), np.float32)})
    drawing = Drawing(
        np.full((8, 8, 3), 5, np.uint8), Canvas(labels, labels.astype(np.int32)), None, attention
    )
    large = drawing.resized(12)
    assert (large.picture.shape, int(large.picture.min())) == ((12, 12, 3), 5)
    assert large.canvas is not None
    assert large.canvas.label_map.shape == (12, 12)
    assert large.attention is attention
    assert drawing.resized(8) is drawing


def test_a_home_says_where_parts_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    home = Home(tmp_path, library=tmp_path / "mine")
    assert home.cache == tmp_path / "home" / "cache"
    assert home.stages("tagger", "library") == (tmp_path / "tagger", tmp_path / "mine")
    assert Home(tmp_path).stages("library") == (tmp_path / "library",)
    with pytest.raises(InputError, match="No generator 'spade'"):
        Home(tmp_path, generator="spade").stages("generator")
    with pytest.raises(NotInstalled, match=r"No Toy in '.*', and none was imported\.$"):
        home.part("toy", "Toy")
    imported = tmp_path / "home" / "weights" / "toy"
    imported.mkdir(parents=True)
    assert home.part("toy", "Toy") == imported
    (tmp_path / "toy").mkdir()
    assert home.part("toy", "Toy") == tmp_path / "toy"
    (tmp_path / "config.json").write_text('{"kind": "toy"}')
    assert home.part("toy", "Toy") == tmp_path
