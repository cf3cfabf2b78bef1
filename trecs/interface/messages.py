"""What the user is told when something cannot be done. No traceback reaches the page."""

import errno
import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from files.errors import InputError
from trecs.interface.texts import text

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
log = logging.getLogger(__name__)


def refusal(message: str) -> gr.Error:
    """An exception that the page shows as a message; markup in it is shown, not interpreted."""
    title = text("messages.unusable")
    return gr.Error(html.escape(message), duration=12, title=title, print_exception=False)


def in_words(error: BaseException) -> str | None:
    """What a visitor is told of an error that only the studio's owner can mend; None for others."""
    if isinstance(error, OSError) and error.errno in DISK:
        told = {
            errno.ENOSPC: text("messages.disk_full"),
            errno.EDQUOT: text("messages.disk_share"),
            errno.EROFS: text("messages.disk_closed"),
        }
        return text("messages.disk", what=told[error.errno])
    if isinstance(error, MemoryError):
        return text("messages.memory")
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
            in_words(error) or text("messages.unexpected"),
            duration=12,
            title=text("messages.failed"),
            print_exception=False,
        ) from error
