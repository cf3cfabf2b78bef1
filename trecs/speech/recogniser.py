"""The recogniser: Whisper (Radford et al., ICML 2023) as faster-whisper runs it on CPUs.

Word times come of the network's cross-attention, warped onto the words (faster-whisper's
`word_timestamps`, after openai/whisper's `timing.py`). English is assumed, as in the tagger.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.narrative.narrative import Word
from trecs.speech import MODEL
from trecs.speech.sound import FRAME, RATE, loud_frames

BEAM = 5
MAX_SECONDS = 60.0  # of a piece; the page cuts at pauses, and after 15 s at the latest
# Whisper goes on in the manner of what it takes for said before: a picture's description.
MANNER = "In this image I can see a person, and in the background there are trees and the sky."
QUIET = 0.6  # of Whisper's probability that nothing is said, and a pause is taken for one
MOST_WAITING = 4  # pieces of all pages together; each takes about a second
NO_EXTRA = (
    "This studio was installed without speech recognition. Whoever runs it ends it and installs it "
    "with `make app SPEECH=1`, or `pip install '.[speech]'` in its folder, and starts it again."
)
log = logging.getLogger(__name__)


class Recogniser:
    """Hears one piece at a time; the network is loaded when it is first needed.

    `model`: a folder with a Whisper network of CTranslate2 (model.bin, config.json,
    tokenizer.json), or a name that faster-whisper knows ("tiny.en", "base.en", "small.en",
    "user/repository"), whose weights come from the Hugging Face Hub, once.
    """

    def __init__(self, model: str = MODEL) -> None:
        self.model = model
        self._network: Any = None
        self._work = threading.Lock()
        self._places = threading.Semaphore(MOST_WAITING)

    def check(self) -> None:
        """Raises InputError, soon, where the extra or the folder of the weights is missing."""
        try:
            import faster_whisper  # noqa: F401
        except ImportError as error:
            raise InputError(NO_EXTRA) from error
        folder = Path(self.model).expanduser()
        if folder.is_dir() and not (folder / "model.bin").is_file():
            raise InputError(
                f"There is no Whisper network in '{folder}'; expected a folder with model.bin, "
                "config.json and tokenizer.json (CTranslate2's format), or a name such as base.en."
            )

    def start(self) -> None:
        """Begins to load in the background; what goes wrong is told to who asks for words."""

        def load() -> None:
            with self._work:
                try:
                    self._loaded()
                except InputError as error:
                    log.warning("%s", error)

        threading.Thread(target=load, name="speech", daemon=True).start()

    def words(self, samples: NDArray[np.float32]) -> tuple[Word, ...]:
        """The words in (N,) samples of [-1, 1] at 16 kHz, with seconds from the first sample on.

        Raises InputError where the extra or the weights are missing, the piece is longer than
        `MAX_SECONDS`, or too many wait already.
        """
        if len(samples) > MAX_SECONDS * RATE:
            raise InputError(
                f"This piece of sound lasts {len(samples) / RATE:.0f} s; at most {MAX_SECONDS:.0f} "
                "s are taken at once. Cut it at a pause."
            )
        with self._place(), self._work:
            segments, _ = self._loaded().transcribe(
                samples,
                language="en",
                beam_size=BEAM,
                word_timestamps=True,
                initial_prompt=MANNER,
                condition_on_previous_text=False,
                no_speech_threshold=QUIET,
            )
            told = [word for segment in segments for word in segment.words or ()]
        return _ordered(told, samples)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise InputError("Too many people speak at once. Try again in a moment.")
        try:
            yield
        finally:
            self._places.release()

    def _loaded(self) -> Any:
        if self._network is None:
            self.check()
            self._network = _load(self.model)
        return self._network


def _load(model: str) -> Any:
    from faster_whisper import WhisperModel

    folder = Path(model).expanduser()
    name = str(folder) if folder.is_dir() else model
    try:
        return WhisperModel(name, device="cpu", compute_type="int8")
    except Exception as error:  # of the Hub, of the file system, of CTranslate2: many kinds
        why = " ".join(str(error).split())[:160]
        raise InputError(
            f"The speech network '{model}' cannot be loaded ({why}). Expected a folder with a "
            "Whisper network of CTranslate2, or a name such as base.en, which the Hugging Face Hub "
            "must be reached for once; give another with --speech."
        ) from error


def _ordered(told: list[Any], samples: NDArray[np.float32]) -> tuple[Word, ...]:
    """Whisper's words as a narrative has them: without spaces, within the piece, in order.

    A word does not begin in silence: Whisper gives the pause before a phrase to its first word.
    """
    seconds, loud = len(samples) / RATE, loud_frames(samples)
    words: list[Word] = []
    for word in told:
        reached = words[-1].start if words else 0.0
        start = min(max(float(word.start), reached), seconds)
        end = min(max(float(word.end), start), seconds)
        sounding = np.flatnonzero(loud[int(start * RATE / FRAME) : int(end * RATE / FRAME)])
        if len(sounding) and sounding[0] > 0:
            start = min((int(start * RATE / FRAME) + int(sounding[0])) * FRAME / RATE, end)
        words.extend(Word(text, start, end) for text in word.word.split())
    return tuple(words)
