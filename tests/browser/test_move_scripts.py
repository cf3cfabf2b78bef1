"""The JavaScript of moved masks, run in the browser without the page, against the server's."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from segmentation.masks import Mask
from segmentation.moves import Move, moved_mask, read_moves
from trecs.interface.assets import script
from trecs.interface.panels.canvas.placed import bitmap_runs

SIDE = 64


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    names = ("label_map", "moves", "scene", "moving_tools")
    opened.add_script_tag(content=script(*(f"panels/canvas/{name}.js" for name in names)))
    yield opened
    opened.close()


def blob() -> np.ndarray:
    """A shape of one piece without symmetry, 20 rows of 26."""
    y, x = np.mgrid[:20, :26]
    return ((x - 10) ** 2 / 90 + (y - 9) ** 2 / 70 < 1) | ((x > 8) & (y > 14))


def piece(**changed: Any) -> dict[str, Any]:
    told = {"region": 0, "part": 0, "label": 17, "order": 0, "left": 18, "top": 21}
    return {**told, "width": 26, "height": 20, "runs": bitmap_runs(blob()), **changed}


@pytest.mark.parametrize(
    "move",
    [
        Move(0),
        Move(0, shift=(5 / SIDE, -3 / SIDE)),
        Move(0, mirrored=True),
        Move(0, turn=90),
        Move(0, turn=33, scale=(1.4, 0.7)),
        Move(0, turn=250, scale=(0.6, 1.2), mirrored=True, shift=(-0.1, 0.2)),
    ],
)
def test_the_browser_shows_masks_where_the_server_puts_them(page: Page, move: Move) -> None:
    box = (18 / SIDE, 21 / SIDE, 44 / SIDE, 41 / SIDE)
    expected = moved_mask(Mask(box, blob()), move, SIDE).render(SIDE, SIDE)
    covered = page.evaluate(
        """([piece, moves, side]) => {
            const [laid] = laidOut([decodePiece(piece)], moves, () => 0)
            return Array.from({ length: side * side }, (_, i) =>
                covers(laid, side, [(i % side) + 0.5, Math.floor(i / side) + 0.5]))
        }""",
        [piece(), [move.to_json()], SIDE],
    )
    found = np.array(covered).reshape(SIDE, SIDE)
    # Edges of turned and scaled masks are smoothed by the server.
    exact = move.scale == (1, 1) and move.turn in (0, 90)
    assert (found != expected).sum() <= (0 if exact and not move.turn else 0.12 * expected.sum())
    assert found.sum() == pytest.approx(expected.sum(), rel=0.06)


def test_moves_are_told_as_the_server_tells_them(page: Page) -> None:
    moves = [
        Move(2, 1, 3, (0.25, -0.5), (2.0, 1.0), 30.0, True, 4.5, 20),
        Move(0),
        Move(1, deleted=True),
        Move(1, copy=1),
    ]
    told = page.evaluate("toldMoves", [move.to_json() for move in moves])
    expected = [moves[2].to_json(), moves[3].to_json(), moves[0].to_json()]
    assert told == expected  # without what changes nothing
    assert read_moves(json.loads(json.dumps(told))) == (moves[2], moves[3], moves[0])


def test_order_label_and_duplicates_are_laid_out(page: Page) -> None:
    pieces = [piece(order=0), piece(region=1, order=1), piece(region=2, order=2)]
    moves = [
        {"region": 0, "order": 1.5, "label": "cow"},
        {"region": 1, "copy": 2},
        {"region": 2, "deleted": True},
    ]
    laid = page.evaluate(
        """([pieces, moves]) => laidOut(pieces.map(decodePiece), moves, () => 20)
            .map(({ piece, move, label }) => [piece.region, move.copy, label])""",
        [pieces, moves],
    )
    assert laid == [[1, 0, 17], [1, 2, 17], [0, 0, 20]]


@pytest.mark.parametrize(
    ("which", "step", "expected"),
    [(0, 1, 2.5), (0, -1, None), (2, -1, -1), (3, -1, None), (2, 1, None)],
)
def test_forward_goes_before_the_next_that_it_meets(
    page: Page, which: int, step: int, expected: float | None
) -> None:
    # The second and the fourth lie apart from the others.
    pieces = [piece(region=i, order=i, left=18 if i in (0, 2) else 100 * i) for i in range(4)]
    found = page.evaluate(
        """([pieces, which, step]) => {
            const all = laidOut(pieces.map(decodePiece), [], () => 0)
            const [again] = laidOut([decodePiece(pieces[which])], [], () => 0)
            return nextOrder(all, again, step, 64)
        }""",
        [pieces, which, step],
    )
    assert found == expected


def test_what_is_unknown_is_filled_from_the_nearest(page: Page) -> None:
    filled = "(a) => [...filledFrom(Uint8Array.from(a[0]), Uint8Array.from(a[1]), 4)]"
    labels, known = [1, 0, 0, 2, 1, 0, 0, 2], [1, 0, 0, 1, 1, 0, 0, 1]
    assert page.evaluate(filled, [labels, known]) == [1, 1, 2, 2, 1, 1, 2, 2]
    assert page.evaluate(filled, [labels, [0] * 8]) == [255] * 8


def test_paint_stays_above_what_is_composed_anew(page: Page) -> None:
    labels = page.evaluate(
        """() => {
            const json = JSON.stringify({ height: 1, width: 4, runs: [1, 4] })
            const before = sceneOf(json), scene = copiedScene(before)
            scene.labels[0] = 7
            const painted = repaintedScene(scene, before)
            const anew = settledScene(painted, Uint8Array.from([7, 2, 2, 2]))
            // What was painted stays painted where the same was composed below for a while.
            return [...settledScene(anew, Uint8Array.from([3, 3, 3, 3])).labels]
        }"""
    )
    assert labels == [7, 3, 3, 3]


@pytest.mark.parametrize(
    "held",
    [
        '<button id="render"></button>',
        '<details class="layer-menu"><button data-format="psd"></button></details>',
    ],
)
def test_what_was_held_back_is_let_go_once_and_not_after_cancel(page: Page, held: str) -> None:
    clicked = page.evaluate(
        """(held) => {
            document.body.innerHTML = held + '<button id="cancel"></button>'
            const [render, cancel] = document.querySelectorAll("button")
            let [waiting, clicked] = [true, 0]
            render.addEventListener("click", () => (clicked += 1))
            const letGo = holdingBack(() => waiting)
            const answer = () => { waiting = false; letGo(); waiting = true; return clicked }
            render.click()
            const told = [clicked, answer(), answer()]
            render.click()
            cancel.click()
            told.push(answer())
            waiting = false
            return told
        }""",
        held,
    )
    assert clicked == [0, 1, 1, 1]
