from pathlib import Path

import numpy as np
import pytest

from tests.speaking import spoken, whisper, with_pauses, write_wav
from trecs.cli import main
from trecs.narrative.localized import read
from trecs.speech.sound import RATE


def test_a_recording_becomes_a_narrative(tmp_path: Path) -> None:
    said = spoken("A cat is sleeping on the bed next to a yellow pillow.").at(RATE)
    sound = write_wav(tmp_path / "voice.wav", with_pauses(0.5, said, 13.0, said, 0.5))
    out = tmp_path / "told" / "narrative.json"
    assert main(["transcribe", str(sound), "--out", str(out), "--speech", whisper()]) == 0
    told = read(out)
    assert told.voice_recording == "../voice.wav"
    late = [word for word in told.words if word.start > 13]
    assert sum(word.text.startswith("pillow") for word in told.words) == 2
    assert sum(word.text.startswith("pillow") for word in late) == 1


def test_what_cannot_be_heard_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = str(write_wav(tmp_path / "silent.wav", np.zeros(RATE, np.float32)))
    out = str(tmp_path / "narrative.json")
    for sound, model, why in (
        (silent, whisper(), "Nobody is heard to speak"),
        (str(tmp_path / "absent.wav"), whisper(), "There is no sound"),
        (silent, str(tmp_path), "expected a folder with model.bin"),
    ):
        assert main(["transcribe", sound, "--out", out, "--speech", model]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert why in line
    assert not Path(out).exists()
