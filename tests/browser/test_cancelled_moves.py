"""Cancel while moved masks are composed: page and server show one canvas again."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from tests.browser.test_moving import CANVAS, COLOUR, GRASS, HORSE, composed, done, drag, shows

THERE = (HORSE[0] + 0.125, HORSE[1] + 0.25)


def test_cancel_takes_back_what_is_not_composed(visit: Callable[..., Page]) -> None:
    page = visit()
    composed(page)
    horse, grass = (page.evaluate(COLOUR, place) for place in (HORSE, GRASS))
    page.route("**/cancel*", lambda route: route.fulfill(json={}))  # it comes too late
    held = answers_held(page)
    with page.expect_request("**/queue/data*"):
        drag(page, HORSE, THERE)
        page.mouse.up()
    page.locator("#cancel").click()
    shows(page, GRASS, grass)
    shows(page, HORSE, horse)
    held[0].continue_()  # what was composed all the same is asked for as it was
    tells(page, [])
    page.locator(CANVAS).press("Control+Shift+z")
    shows(page, THERE, horse)
    moves = done(page)["moves"]
    assert len(moves) == 1

    held = answers_held(page)  # Cancel of an undo goes on again
    with page.expect_request("**/queue/data*"):
        page.locator(CANVAS).press("Control+z")
    page.locator("#cancel").click()
    shows(page, THERE, horse)
    held[0].continue_()
    tells(page, moves)
    shows(page, THERE, horse)


def answers_held(page: Page) -> list[Route]:
    """Holds back the next stream of answers, which is the list's first element then."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/queue/data*", hold)
    return held


def tells(page: Page, moves: list[Any]) -> None:
    """Waits until the zip tells of these moves."""
    for _ in range(60):
        if (found := done(page)["moves"]) == moves:
            return
        page.wait_for_timeout(500)
    assert found == moves
