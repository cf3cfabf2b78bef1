"""The canvas with its masks, on its way to the browser and back."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import UNLABELED, value_of
from tests.trecs.finished import canvas_of
from tests.trecs.interface.pages import laid_out, panel
from trecs import Result, TReCS
from trecs.interface.panel import Page
from trecs.interface.panels.canvas.label_editor import decode_runs, encode_runs
from trecs.interface.panels.canvas.panel import CanvasPanel
from trecs.interface.panels.canvas.placed import Asked, Shown
from trecs.interface.panels.masks.panel import Masks
from trecs.narrative import from_text


@pytest.fixture(scope="module")
def trecs(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture(scope="module")
def result(trecs: TReCS) -> Result:
    return trecs(from_text("a zebra on the grass under a blue sky"), 3)


@pytest.fixture
def page(trecs: TReCS) -> Page:
    return laid_out(trecs)


def sent(page: Page, shown: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(page.label_map.postprocess(shown))
    return told


def ask(page: Page, result: Result, **changed: Any) -> list[dict[Any, Any]]:
    placed = sent(page, panel(page, CanvasPanel).updates(result, None)[page.label_map])["placed"]
    asked = {
        "turn": 4,
        "root": placed["root"],
        "picks": placed["picks"],
        "moves": [],
        "painted": "",
    }
    event = gr.EventData(None, {**asked, **changed})
    return list(panel(page, CanvasPanel).moved(result, 5, event))


def test_the_browser_gets_every_mask_as_it_was_placed(page: Page, result: Result) -> None:
    told = sent(page, panel(page, CanvasPanel).updates(result, None)[page.label_map])
    np.testing.assert_array_equal(decode_runs(json.dumps(told)), canvas_of(result).label_map)
    placed = told["placed"]
    assert placed["turn"] is None
    whole = result.whole
    assert len(placed["pieces"]) == sum(len(one.masks) for one in whole)
    assert sorted(piece["order"] for piece in placed["pieces"]) == [*range(len(placed["pieces"]))]
    for piece in placed["pieces"]:
        runs = piece["runs"]
        flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        bitmap = flat.reshape(piece["height"], piece["width"])
        full = np.zeros((256 * 3, 256 * 3), bool)  # masks may leave the canvas
        top, left = piece["top"] + 256, piece["left"] + 256
        full[top : top + piece["height"], left : left + piece["width"]] = bitmap
        expected = whole[piece["region"]].masks[piece["part"]].render(256, 256)
        np.testing.assert_array_equal(full[256:512, 256:512], expected)


def test_what_is_asked_is_composed_drawn_and_answered(page: Page, result: Result) -> None:
    painted = np.full((256, 256), UNLABELED, np.uint8)
    painted[:20] = value_of("snow")
    move = {"region": 0, "shift": [0.125, 0]}
    first, last = ask(page, result, moves=[move], painted=encode_runs(painted))
    assert first[page.result].image is None
    for updates, done in ((first, False), (last, True)):
        placed = sent(page, updates[page.label_map])["placed"]
        assert (placed["turn"], placed["done"], placed["failed"]) == (4, done, False)
        assert placed["moves"] == [move]
    drawn = last[page.result]
    assert (canvas_of(drawn).label_map[:20] == value_of("snow")).all()
    assert drawn.picture_seed == 5
    assert drawn.to_json()["moves"] == [move]
    # The masks are sent as they were placed, also once they are moved.
    again = sent(page, panel(page, CanvasPanel).updates(drawn, None)[page.label_map])["placed"]
    before = sent(page, panel(page, CanvasPanel).updates(result, None)[page.label_map])["placed"]
    assert again["pieces"] == before["pieces"]
    assert again["root"] == before["root"]


def test_a_swap_keeps_what_was_moved_and_brings_back_what_was_deleted(
    page: Page, result: Result
) -> None:
    moves = [{"region": 0, "deleted": True}, {"region": 1, "shift": [0, 0.125]}]
    *_, last = ask(page, result, moves=moves)
    deleted = last[page.result]
    assert deleted.painted_over == {0}
    event = gr.EventData(None, {"choice": 0, "rank": 1})
    *_, swapped = panel(page, Masks).swap(deleted, 5, event)
    assert not swapped[page.result].painted_over
    assert swapped[page.result].to_json()["moves"] == [{"region": 0}, moves[1]]


def test_what_cannot_be_moved_leaves_the_canvas_as_it_is(page: Page, result: Result) -> None:
    placed = sent(page, panel(page, CanvasPanel).updates(result, None)[page.label_map])["placed"]
    wrong: list[dict[str, Any]] = [{"root": "0"}, {"picks": []}, {"moves": [{"region": 99}]}]
    wrong += [{"moves": [{"region": 0, "copy": n} for n in range(201)]}]  # more than are taken
    for changed in wrong:
        asked = {"turn": 1, "root": placed["root"], "picks": placed["picks"], "moves": []}
        event = gr.EventData(None, {**asked, "painted": "", **changed})
        answers = panel(page, CanvasPanel).moved(result, 5, event)
        shown = next(answers)[page.label_map]
        assert isinstance(shown, Shown)
        assert (shown.result, shown.failed, shown.done) == (result, True, True)
        with pytest.raises(gr.Error, match=r"compose again|region 99|201 moves"):
            next(answers)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"turn": 1},
        {"turn": "1", "root": "", "picks": [], "painted": ""},
        {"turn": 1, "root": "", "picks": [0.5], "painted": ""},
        {"turn": 1, "root": "", "picks": [], "painted": {"path": "/etc/passwd"}},
        {"turn": 1, "root": "", "picks": [], "painted": "[]"},
        {"turn": 1, "root": "", "picks": [], "painted": "", "moves": {}},
    ],
)
def test_what_no_page_sends_is_refused(data: object) -> None:
    with pytest.raises(InputError):
        Asked.of(data)
