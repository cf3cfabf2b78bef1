import json

import gradio as gr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import NEVER_IN_COCO
from trecs.interface.panels.canvas.label_editor import LabelEditor, decode_runs, encode_runs


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.sampled_from([0, 1, 156, 181, 255]),
    )
)
def test_every_label_map_survives_its_runs(label_map: np.ndarray) -> None:
    np.testing.assert_array_equal(decode_runs(encode_runs(label_map)), label_map)


def test_the_code_is_runs_in_rows() -> None:
    label_map = np.array([[1, 1, 2], [2, 2, 255]], np.uint8)
    assert json.loads(encode_runs(label_map)) == {
        "height": 2,
        "width": 3,
        "runs": [1, 2, 2, 3, 255, 1],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "not JSON"),
        ("[]", "not JSON"),
        ("[" * 99_999, "not JSON"),
        ('{"height": 2, "width": 2}', "not JSON"),
        ('{"height": 0, "width": 2, "runs": []}', "size"),
        ('{"height": true, "width": 2, "runs": [1, 2]}', "size"),
        ('{"height": 100000, "width": 100000, "runs": [1, 10000000000]}', "size"),
        ('{"height": 2, "width": 2, "runs": []}', "runs"),
        ('{"height": 2, "width": 2, "runs": [1]}', "runs"),
        ('{"height": 2, "width": 2, "runs": [1, 2.5]}', "runs"),
        ('{"height": 2, "width": 2, "runs": [[1, 4]]}', "runs"),
        ('{"height": 2, "width": 2, "runs": [1, 1e30]}', "runs"),
        ('{"height": 2, "width": 2, "runs": [1, 99999999999999999999999]}', "runs"),
        ('{"height": 2, "width": 2, "runs": [1, -4, 1, 8]}', "run without pixels"),
        ('{"height": 2, "width": 2, "runs": [1, 3]}', "cover 3 pixels; expected 4"),
        ('{"height": 2, "width": 2, "runs": [256, 4]}', "outside 0 to 255"),
        ('{"height": 2, "width": 2, "runs": [-1, 4]}', "outside 0 to 255"),
        ('{"height": 2, "width": 2, "runs": [200, 4]}', "no labels"),
        ("x" * (5 * 2**20), "4 MB"),
    ],
)
def test_what_is_no_label_map_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode_runs(text)


def test_a_path_is_never_read() -> None:
    with pytest.raises(gr.Error, match="This is no text"):
        LabelEditor().preprocess({"path": "/etc/passwd"})


def test_the_editor_shows_a_canvas_and_offers_what_occurs_in_coco() -> None:
    editor = LabelEditor()
    label_map = np.full((4, 4), 7, np.uint8)
    text = editor.postprocess(Canvas(label_map, np.zeros((4, 4), np.int32)))
    np.testing.assert_array_equal(editor.preprocess(text), label_map)
    assert len(editor.props["offered"]) == 171
    assert not NEVER_IN_COCO & set(editor.props["offered"])
    assert len(editor.props["colours"]) == 256
