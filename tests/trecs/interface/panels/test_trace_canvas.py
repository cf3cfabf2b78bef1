import gradio as gr
import pytest

from trecs.interface.examples import examples
from trecs.interface.panels.trace.trace_canvas import TraceCanvas
from trecs.narrative import Narrative, dumps

HORSE = next(one.narrative for one in examples() if one.name == "horse")


@pytest.fixture
def canvas() -> TraceCanvas:
    return TraceCanvas([])


def test_a_narrative_crosses_the_border_and_comes_back(canvas: TraceCanvas) -> None:
    text = canvas.postprocess(HORSE)
    back = canvas.preprocess(text)
    assert isinstance(back, Narrative)
    assert dumps(back) == text


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_said_or_drawn_is_no_narrative(canvas: TraceCanvas, nothing: object) -> None:
    assert canvas.preprocess(nothing) is None
    assert canvas.postprocess(None) == ""


@pytest.mark.parametrize(
    "payload",
    [
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        "/etc/passwd",
        ["a dog"],
        3,
        "{}",
        '{"caption": ""}',
        '{"caption": "a", "traces": [[{"x": NaN, "y": 0, "t": 0}]]}',
        '{"caption": "' + "a " * 2000 + '"}',
        "x" * (17 * 2**20),
        "[" * 100_000,
    ],
    ids=lambda payload: str(payload)[:20],
)
def test_what_is_no_narrative_is_refused_in_one_message(
    canvas: TraceCanvas, payload: object
) -> None:
    with pytest.raises(gr.Error) as refused:
        canvas.preprocess(payload)
    assert "root:" not in refused.value.message
    assert not refused.value.print_exception
    assert len(refused.value.message) < 400


def test_the_message_shows_markup_instead_of_running_it(canvas: TraceCanvas) -> None:
    word = '{"utterance": "<img src=x onerror=alert(1)>", "start_time": -5, "end_time": 1}'
    with pytest.raises(gr.Error) as refused:
        canvas.preprocess(f'{{"timed_caption": [{word}]}}')
    assert "&lt;img" in refused.value.message
    assert "<" not in refused.value.message


def test_the_schema_is_complete(canvas: TraceCanvas) -> None:
    assert canvas.api_info()["type"] == "string"
