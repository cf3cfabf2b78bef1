import numpy as np

from trecs.interface.rail import rail, rail_of
from trecs.narrative import from_text
from trecs.result import Result
from trecs.tagging.tagger import Tags


def tagged() -> Result:
    tags = Tags(np.zeros(2, np.uint8), np.full((2, 182), 1 / 182, np.float32))
    return Result(from_text("a dog"), seed=0).timed("tag", 0.012, tags=tags)


def test_the_rail_shows_a_stage_under_way_only_while_one_is() -> None:
    assert rail_of(tagged()).count("working") == 1
    over = rail_of(tagged(), until="", note="Cancelled.")
    assert "working" not in over
    assert over.count('class="done"') == 1
    assert "12 ms" in over


def test_a_canvas_that_nobody_composed_has_no_time() -> None:
    painted = Result(from_text("a dog"), seed=0, image=np.zeros((2, 2, 3), np.uint8))
    assert " ms" not in rail_of(painted, until="")


def test_the_rail_tells_done_running_and_waiting_stages() -> None:
    shown = rail({"tag": 0.012, "align": 1.5}, "retrieve")
    assert shown.count('class="done"') == 2
    assert "12 ms" in shown
    assert "1.5 s" in shown
    assert shown.count('aria-current="step"') == 1
    assert shown.count('class="waiting"') == 2
