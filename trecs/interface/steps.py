"""What the page does after each step of what draws in steps: shows it, or ends the drawing."""

import gradio as gr

from trecs.interface.texts import text
from trecs.interface.waiting import check_wanted


def watched(done: int, of: int) -> None:
    """Shows how many steps are done; raises gr.Error where nobody waits for the picture any more.

    Outside of an event of the page it does nothing.
    """
    check_wanted()
    gr.Progress()((done, of), unit=text("page.steps"))
