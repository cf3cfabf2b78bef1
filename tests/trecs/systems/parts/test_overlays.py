from pathlib import Path

import numpy as np

from trecs.systems.interface import WordAttention
from trecs.systems.parts.overlays import ACROSS, DIM, GAP, LINE, overlay, sheet, write_overlays


def test_light_falls_where_the_word_counts() -> None:
    picture = np.full((8, 8, 3), 200, np.uint8)
    attention = np.zeros((4, 4), np.float32)
    attention[0, 3] = 0.2
    lit = overlay(picture, attention)
    assert lit.shape == picture.shape
    assert lit[0, 7].tolist() == [200, 200, 200]
    assert lit[7, 0].tolist() == [200 * DIM] * 3


def test_even_attention_leaves_the_picture() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(overlay(picture, np.full((2, 2), 0.5, np.float32)), picture)


def test_a_sheet_has_rows_of_tiles() -> None:
    tiles = [np.full((32, 32, 3), i, np.uint8) for i in range(ACROSS + 2)]
    page = np.asarray(sheet([f"word {i}" for i in range(len(tiles))], tiles))
    assert page.shape == (2 * (32 + GAP + LINE) + GAP, ACROSS * (32 + GAP) + GAP, 3)
    top, left = GAP + LINE + (32 + GAP + LINE), GAP + 32 + GAP
    assert (page[top : top + 32, left : left + 32] == ACROSS + 1).all()


def test_every_word_of_every_layer_is_a_file_whatever_it_is(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).random((2, 4, 4), np.float32)
    attention = WordAttention(("../a", "狗"), {"stage 2": maps, "layer/3": maps})
    write_overlays(np.zeros((8, 8, 3), np.uint8), attention, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "layer_3_01_.._a.png",
        "layer_3_02_狗.png",
        "sheet.png",
        "stage2_01_.._a.png",
        "stage2_02_狗.png",
    ]
