"""The page laid out around a pipeline, without a browser."""

from pathlib import Path
from typing import TypeVar

import gradio as gr

from files.weights import BUNDLED
from trecs.interface.models import Models
from trecs.interface.page import lay_out
from trecs.interface.panel import Page, Panel
from trecs.interface.studio import Studio
from trecs.pipeline import TReCS

P = TypeVar("P", bound=Panel)


def laid_out(trecs: TReCS | None, checkpoint: Path = BUNDLED) -> Page:
    """The page; without a pipeline for what needs none."""
    with gr.Blocks():
        return lay_out(Studio(Models(lambda: trecs, checkpoint)))  # type: ignore[arg-type, return-value]


def panel(page: Page, kind: type[P]) -> P:
    """One of its panels."""
    return next(panel for panel in page.panels if isinstance(panel, kind))
