import base64

import numpy as np
import pytest

from tests.speaking import spoken, whisper
from trecs.interface.panels.trace.trace_canvas import TraceCanvas
from trecs.interface.panels.trace.voice import readiness, recognised
from trecs.speech.recogniser import MAX_SECONDS, Recogniser
from trecs.speech.sound import RATE


def content(samples: np.ndarray) -> str:
    return base64.b64encode((samples * 32767).astype("<i2").tobytes()).decode()


def test_the_sheet_is_told_the_words_of_a_piece_with_their_times() -> None:
    canvas = TraceCanvas([])
    canvas.recogniser = Recogniser(whisper())
    told = canvas.recognise(content(spoken("There is a dog on the grass.").at(RATE)))
    words = [text.strip(".").lower() for text, _, _ in told["words"]]
    assert "grass" in words
    assert all(0 <= start <= end < 4 for _, start, end in told["words"])
    assert canvas.speech_ready("") == {}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (None, "did not arrive whole"),
        ({"path": "/etc/passwd"}, "did not arrive whole"),
        ("no base64!", "did not arrive whole"),
        ("AAAA", "did not arrive whole"),  # three bytes
        (content(np.zeros(int(MAX_SECONDS + 1) * RATE)), "Cut it at a pause"),
    ],
)
def test_what_is_no_piece_of_sound_is_refused_in_words(sent: object, why: str) -> None:
    assert why in recognised(Recogniser(whisper()), sent)["refused"]


def test_what_breaks_is_logged_and_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Recogniser, "words", broken)
    told = recognised(Recogniser(), content(np.zeros(RATE)))
    assert "went wrong" in told["refused"]
    assert "secret" not in told["refused"]
    assert "secret" in caplog.text


def test_who_lacks_the_weights_is_told_before_a_word_is_said(tmp_path: object) -> None:
    assert "expected a folder with model.bin" in readiness(Recogniser(str(tmp_path)))["refused"]
