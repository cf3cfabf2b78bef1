"""What the user is told when something cannot be done. No traceback reaches the page."""

import errno
import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from files.errors import InputError

UNEXPECTED = "Something went wrong on our side and was logged. Your words and your trace are kept."
DISK = {
    errno.ENOSPC: "The studio's disk is full",
    errno.EDQUOT: "The studio's share of its disk is used up",
    errno.EROFS: "The studio's disk cannot be written",
}
log = logging.getLogger(__name__)


def refusal(message: str) -> gr.Error:
    """An exception that the page shows as a message; markup in it is shown, not interpreted."""
    return gr.Error(
        html.escape(message), duration=12, title="This cannot be used", print_exception=False
    )


def in_words(error: BaseException) -> str | None:
    """What a visitor is told of an error that only the studio's owner can mend; None for others."""
    if isinstance(error, OSError) and error.errno in DISK:
        return (
            f"{DISK[error.errno]}, so the file could not be stored there. Your words and your "
            "trace are kept; try again later, and tell the studio's owner (its log names the disk)."
        )
    if isinstance(error, MemoryError):
        return "The studio's memory is full. Try again in a minute, with a shorter narrative."
    return None


@contextmanager
def speaking() -> Iterator[None]:
    """Turns what is raised inside into a message: an InputError's own, or one friendly line."""
    try:
        yield
    except InputError as error:
        raise refusal(str(error)) from error
    except gr.Error:
        raise
    except Exception as error:
        log.exception("A request failed")
        raise gr.Error(
            in_words(error) or UNEXPECTED,
            duration=12,
            title="That did not work",
            print_exception=False,
        ) from error
