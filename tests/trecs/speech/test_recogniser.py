import sys
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.speech import errors, plain, time_errors
from files.errors import InputError
from tests.speaking import spoken, whisper, with_pauses
from trecs.speech.recogniser import MAX_SECONDS, MOST_WAITING, Recogniser
from trecs.speech.sound import RATE

SENTENCE = "In front of the house there is a white car parked on the road."


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(whisper())


def test_what_is_said_is_heard_with_its_times(recogniser: Recogniser) -> None:
    said = spoken(SENTENCE)
    heard = list(recogniser.words(with_pauses(1.0, said.at(RATE), 0.5)))
    assert errors(plain(SENTENCE), plain(" ".join(word.text for word in heard))) <= 2
    off = time_errors(said, heard, 1.0)
    assert len(off) >= 9
    assert np.mean(off) <= 0.25
    assert all(word.start <= word.end for word in heard)
    assert sorted(word.start for word in heard) == [word.start for word in heard]
    assert heard[0].start > 0.8  # not in the silence before


@pytest.mark.parametrize("loud", [0.0, 0.003, 0.03])
def test_nobody_is_heard_in_silence_and_noise(recogniser: Recogniser, loud: float) -> None:
    noise = loud * np.random.default_rng(0).standard_normal(4 * RATE)
    assert recogniser.words(noise.astype(np.float32)) == ()


def test_nothing_is_no_word(recogniser: Recogniser) -> None:
    assert recogniser.words(np.zeros(0, np.float32)) == ()


def test_a_piece_that_is_too_long_is_refused(recogniser: Recogniser) -> None:
    with pytest.raises(InputError, match="Cut it at a pause"):
        recogniser.words(np.zeros(int(MAX_SECONDS + 1) * RATE, np.float32))


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(InputError, match="make app SPEECH=1"):
        Recogniser().check()


def test_a_folder_without_weights_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder with model\.bin"):
        Recogniser(str(tmp_path)).check()


@pytest.mark.parametrize("model", ["nobody/has-this", "no model", "base.en"])
def test_weights_that_cannot_be_had_are_told(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match=f"'{model}' cannot be loaded"):
        Recogniser(model).words(np.zeros(RATE, np.float32))


def test_only_some_wait() -> None:
    """The others are told so at once; nobody's piece is heard while another one is."""
    busy, free = Event(), Event()

    def transcribe(*_: Any, **__: Any) -> Any:
        busy.set()
        assert free.wait(20)
        return (), None

    recogniser = Recogniser()
    recogniser._network = SimpleNamespace(transcribe=transcribe)
    piece = np.zeros(RATE, np.float32)
    waiting = [Thread(target=recogniser.words, args=(piece,)) for _ in range(MOST_WAITING)]
    for thread in waiting:
        thread.start()
    assert busy.wait(20)
    while recogniser._places._value:
        pass
    with pytest.raises(InputError, match="Too many people"):
        recogniser.words(piece)
    free.set()
    for thread in waiting:
        thread.join(20)
    assert recogniser.words(piece) == ()
