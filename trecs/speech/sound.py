"""Sound as the recogniser takes it: one channel, 16 kHz."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError

RATE = 16_000  # samples a second, Whisper's own
FRAME = RATE // 50  # 20 ms
PIECE, LATEST = 8 * RATE, 15 * RATE  # cut at the first pause after the one, at the other anyhow


def samples_of(content: bytes) -> NDArray[np.float32]:
    """(N,) samples of [-1, 1] of 16-bit PCM, little-endian; raises InputError for half a sample."""
    if len(content) % 2:
        raise InputError("This sound did not arrive whole; send it again.")
    return np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768)


def read_sound(path: Path) -> NDArray[np.float32]:
    """(N,) samples of a sound file of any format that FFmpeg reads, mixed to one channel.

    Raises InputError where it cannot be read, or the extra is missing.
    """
    try:
        from faster_whisper.audio import decode_audio
    except ImportError as error:
        raise InputError(
            "Sound is read by an extra that is not installed; `pip install '.[speech]'`."
        ) from error
    if not path.is_file():
        raise InputError(f"There is no sound '{path}'; expected a file such as voice.wav.")
    try:
        return np.asarray(decode_audio(str(path), sampling_rate=RATE), np.float32)
    except Exception as error:  # of PyAV, which has many kinds
        raise InputError(
            f"The sound '{path}' cannot be read ({' '.join(str(error).split())[:120]}); expected "
            "WAV, Ogg, MP3 or another format of FFmpeg's."
        ) from error


def loud_frames(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of each 20 ms of (N,) samples, whether they sound: within 26 dB of the piece's loud ones."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    level = np.sqrt(np.square(frames).mean(1))
    return np.asarray(level > 0.05 * (np.quantile(level, 0.95) if len(level) else 0.0))


def pieces(samples: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """A long recording cut where it is most quiet, as (first sample, samples) of 8 to 15 s."""
    start = 0
    while len(samples) - start > LATEST:
        window = samples[start + PIECE : start + LATEST]
        frames = window[: len(window) // FRAME * FRAME].reshape(-1, FRAME)
        loud = np.convolve(np.square(frames).mean(1), np.ones(10), "same")  # over 0.2 s
        cut = start + PIECE + int(loud.argmin()) * FRAME
        yield start, samples[start:cut]
        start = cut
    yield start, samples[start:]
