from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from tests.speaking import write_wav
from trecs.speech.sound import LATEST, PIECE, RATE, loud_frames, pieces, read_sound, samples_of


def test_samples_are_those_of_16_bit_pcm() -> None:
    content = np.array([0, 16384, -32768], "<i2").tobytes()
    assert samples_of(content).tolist() == [0, 0.5, -1]
    with pytest.raises(InputError, match="did not arrive whole"):
        samples_of(content[:-1])


def test_a_long_recording_is_cut_where_it_is_quiet() -> None:
    sound = np.sin(np.arange(40 * RATE) / 5).astype(np.float32)
    pause = slice(int(11.0 * RATE), int(11.4 * RATE))
    sound[pause] = 0
    told = list(pieces(sound))
    assert np.concatenate([piece for _, piece in told]).tolist() == sound.tolist()
    assert [first for first, _ in told[:2]] == [0, len(told[0][1])]
    assert pause.start <= told[1][0] <= pause.stop
    assert all(PIECE <= len(piece) <= LATEST for _, piece in told[:-1])


def test_what_sounds_is_told_from_what_does_not() -> None:
    sound = np.zeros(RATE, np.float32)
    sound[RATE // 2 :] = 0.3
    assert loud_frames(sound).tolist() == [False] * 25 + [True] * 25
    assert not loud_frames(np.zeros(RATE, np.float32)).any()
    assert loud_frames(np.zeros(0, np.float32)).size == 0


def test_a_file_is_read_at_16_khz(tmp_path: Path) -> None:
    tone = (0.5 * np.sin(np.arange(RATE) / 5)).astype(np.float32)
    read = read_sound(write_wav(tmp_path / "tone.wav", tone))
    assert np.abs(read - tone).max() < 1e-3


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_text("no sound")
    for name in ("no.wav", "absent.wav"):
        with pytest.raises(InputError, match="sound"):
            read_sound(tmp_path / name)
