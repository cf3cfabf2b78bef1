"""espeak-ng as a speaker who knows when each word begins: the library's own event stream.

`speak` synthesises through libespeak-ng (not the command, which tells no times): while it renders,
the library reports a WORD event with the sample at which the word begins. A word's end is taken to
be the next word's beginning, or the END event of its clause where that comes first.
"""

import ctypes
import ctypes.util
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

RETRIEVAL, UTF8 = 1, 1  # of espeak-ng/speak_lib.h: sound goes to the callback; the text's encoding
ENDED, WORD, CLAUSE_END = 0, 1, 5  # kinds of events
SPEED, VOICE = 1, b"en-us"  # the parameter espeakRATE; the voice
WORDS_A_MINUTE = 140  # narrators of Localized Narratives speak slowly


class _Event(ctypes.Structure):
    """`espeak_EVENT`: positions are characters from 1 on, samples count from the beginning."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("message", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Spoken:
    """Samples of [-1, 1] at `rate`, and of each word its text and the seconds it lasts."""

    samples: NDArray[np.float32]
    rate: int
    words: tuple[tuple[str, float, float], ...]

    def at(self, rate: int) -> NDArray[np.float32]:
        """The samples at another rate, lower ones only: band-limited by an FFT."""
        spectrum = np.fft.rfft(self.samples)
        count = round(len(self.samples) * rate / self.rate)
        lower = np.fft.irfft(spectrum[: count // 2 + 1], count) * rate / self.rate
        return lower.astype(np.float32)


def there() -> bool:
    """Whether the library is installed (apt-get install espeak-ng)."""
    return ctypes.util.find_library("espeak-ng") is not None


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        raise RuntimeError("libespeak-ng is missing: apt-get install espeak-ng")
    library = ctypes.CDLL(name)
    rate = library.espeak_Initialize(RETRIEVAL, 0, None, 0)
    if rate <= 0 or library.espeak_SetVoiceByName(VOICE) != 0:
        raise RuntimeError("espeak-ng does not start, or lacks the voice en-us")
    return library, rate


def speak(text: str, words_a_minute: int = WORDS_A_MINUTE) -> Spoken:
    """Speaks an English text in ASCII."""
    library, rate = _library()
    parts: list[NDArray[np.int16]] = []
    begun: list[tuple[int, str]] = []
    ends: list[int] = []

    @_CALLBACK
    def take(sound, count, events):  # type: ignore[no-untyped-def]
        if sound and count:
            parts.append(np.ctypeslib.as_array(sound, (count,)).astype(np.int16))
        i = 0
        while events[i].type != ENDED:
            event = events[i]
            if event.type == WORD:
                begin = event.position - 1
                begun.append((event.sample, text[begin : begin + event.length]))
            elif event.type == CLAUSE_END:
                ends.append(event.sample)
            i += 1
        return 0

    library.espeak_SetSynthCallback(take)
    library.espeak_SetParameter(SPEED, words_a_minute, 0)
    content = text.encode("ascii")
    library.espeak_Synth(content, len(content) + 1, 0, 1, 0, UTF8, None, None)
    library.espeak_Synchronize()
    samples = np.concatenate(parts).astype(np.float32) / np.float32(32768)
    limits = sorted([*(start for start, _ in begun), *ends, len(samples)])
    words = tuple(
        (word, start / rate, next(limit for limit in limits if limit > start) / rate)
        for start, word in begun
    )
    return Spoken(samples, rate, words)
