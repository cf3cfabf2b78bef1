"""A voice on the tracing sheet: what its script asks of the recogniser, and is told.

The sheet cuts the recording at pauses and sends one piece at a time. These calls go past Gradio's
queue, whose places are for pictures; the recogniser has its own bound of who waits.
"""

import base64
import logging
from typing import Any

from files.errors import InputError
from trecs.interface.messages import in_words
from trecs.interface.texts import text
from trecs.speech.recogniser import Recogniser
from trecs.speech.sound import samples_of

log = logging.getLogger(__name__)


def readiness(recogniser: Recogniser) -> dict[str, Any]:
    """Why nothing can be recognised here, as `refused`; else the network begins to load."""
    try:
        recogniser.check()
    except InputError as error:
        return {"refused": str(error)}
    recogniser.start()
    return {}


def recognised(recogniser: Recogniser, content: object) -> dict[str, Any]:
    """The `words` of a piece, each as [text, start, end] in seconds of it, or why it is `refused`.

    `content`: base64 of 16-bit PCM, one channel at 16 kHz.
    """
    try:
        words = recogniser.words(samples_of(_decoded(content)))
    except InputError as error:
        return {"refused": str(error)}
    except Exception as error:
        log.exception("A piece of speech was not recognised")
        return {"refused": in_words(error) or text("messages.unexpected")}
    return {"words": [[word.text, word.start, word.end] for word in words]}


def _decoded(content: object) -> bytes:
    try:
        return base64.b64decode(content, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InputError(text("voice.not_whole")) from error
