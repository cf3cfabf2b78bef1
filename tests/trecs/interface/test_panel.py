"""What the page shows of a result that is not complete."""

import gradio as gr
import numpy as np

from trecs.interface.panel import Panels, rail_of
from trecs.interface.panels.canvas.label_editor import LabelEditor
from trecs.narrative import from_text
from trecs.result import Result
from trecs.tagging.tagger import Tags


def panels() -> Panels:
    return Panels(*(gr.HTML() for _ in range(4)), LabelEditor(), gr.HTML(), gr.State())


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


def test_cancel_keeps_what_belongs_to_the_words_on_the_page() -> None:
    shown = panels()
    updates = shown.cancelled(tagged())
    assert set(updates) == {shown.rail, shown.regions, shown.masks}
    assert 'class="done"' in updates[shown.rail]
    assert "nothing" in updates[shown.masks]


def test_cancel_before_anything_was_ready_says_so_on_the_rail_alone() -> None:
    shown = panels()
    assert set(shown.cancelled(None)) == {shown.rail}
