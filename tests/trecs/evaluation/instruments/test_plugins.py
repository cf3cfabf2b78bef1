from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.errors import InputError
from trecs.evaluation.instruments.plugins import detected, encoder, plugin, segmented

PICTURES = np.zeros((2, 8, 8, 3), np.uint8)


def test_a_function_is_found_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "my_detector.py").write_text("def find(pictures): return [{3}] * len(pictures)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["/nowhere"])
    assert detected(plugin("my_detector:find"), PICTURES).sum(0).nonzero()[0].tolist() == [3]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "names no function"),
        ("no_such_module:find", "cannot be imported"),
        ("math:no_such_function", "cannot be imported"),
        ("math:pi", "is a float; expected a function"),
    ],
)
def test_what_is_no_function_is_refused(name: str, message: str):
    with pytest.raises(InputError, match=message):
        plugin(name)


def test_an_encoder_has_both_methods():
    with pytest.raises(InputError, match="returned a dict; expected an encoder"):
        encoder("builtins:dict")


def test_detected_marks_labels():
    found = detected(lambda pictures: [{0, 17}, ()], PICTURES)
    assert found.shape == (2, 182)
    assert found[0].nonzero()[0].tolist() == [0, 17]
    assert not found[1].any()


@pytest.mark.parametrize("answer", [[{1}], [{1}, {999}], [1, 2], None])
def test_wrong_detections_are_refused(answer: Any):
    with pytest.raises(InputError, match="detector's answer cannot be used"):
        detected(lambda pictures: answer, PICTURES)


@pytest.mark.parametrize("answer", [np.zeros((2, 8, 8)), np.zeros((2, 4, 4), np.uint8), None])
def test_wrong_label_maps_are_refused(answer: Any):
    with pytest.raises(InputError, match="segmenter's answer is"):
        segmented(lambda pictures: answer, PICTURES)


def test_segmented_passes_label_maps():
    maps = np.full((2, 8, 8), 255, np.uint8)
    assert segmented(lambda pictures: maps, PICTURES) is maps
