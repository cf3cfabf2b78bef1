import gradio as gr
import pytest

from trecs.interface import steps


def test_outside_of_an_event_nothing_happens() -> None:
    steps.watched(1, 4)


def test_nobody_waiting_ends_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise gr.Error("Nobody waits for this any more.")

    monkeypatch.setattr(steps, "check_wanted", gone)
    with pytest.raises(gr.Error, match="Nobody waits"):
        steps.watched(1, 4)
