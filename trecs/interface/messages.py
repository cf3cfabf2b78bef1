"""What the user is told when something cannot be done. No traceback reaches the page."""

import html
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from files.errors import InputError

UNEXPECTED = "Something went wrong on our side and was logged. Your words and your trace are kept."
log = logging.getLogger(__name__)


def refusal(message: str) -> gr.Error:
    """An exception that the page shows as a message; markup in it is shown, not interpreted."""
    return gr.Error(
        html.escape(message), duration=12, title="This cannot be used", print_exception=False
    )


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
            UNEXPECTED, duration=12, title="That did not work", print_exception=False
        ) from error
