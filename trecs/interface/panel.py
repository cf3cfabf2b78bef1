"""What the panels of the page have in common, and what they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

import gradio as gr

from trecs.interface.component import TextComponent
from trecs.interface.rail import rail, rail_of
from trecs.interface.studio import NETWORKS, Studio
from trecs.interface.texts import text
from trecs.result import Result

Updates = dict[Any, Any]

# Arguments of Gradio's listeners. Only `/compose` and `/align` are part of the HTTP API.
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
QUIET: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}


class Panel:
    """A part of the page: a heading and components of its own below it.

    Each is a folder of `panels`, with its scripts and style sheets beside it, and stands where
    the page's layout names it. It is made within `gr.Blocks`.
    """

    anchor: ClassVar[str] = ""  # where a stage of the rail leads
    outputs: Sequence[Any] = ()  # the components that show parts of a result
    page: "Page"  # the one that it is a part of, once all panels are there

    def __init__(self) -> None:
        title, what = self.heading()
        identity = f' id="{self.anchor}"' if self.anchor else ""
        gr.HTML(
            f'<div class="heading"{identity}><h2>{escape(title)}</h2><p>{escape(what)}</p></div>',
            apply_default_css=False,
        )

    def heading(self) -> tuple[str, str]:
        """The panel's title, and a few words beside it."""
        raise NotImplementedError

    def updates(self, result: Result, before: Result | None) -> Updates:
        """What turns the sight of `before` into that of `result`, for some of the outputs."""
        return {}

    def retold(self, result: Result) -> Updates:
        """What the page's scripts may have forgotten of a result that is shown still."""
        return {}

    def cancelled(self, result: Result) -> Updates:
        """What takes away what is older than the words, after a composition was cancelled."""
        return {}

    def connect(self) -> list[Any]:
        """Says which action follows which event; returns those that Cancel ends."""
        return []


@dataclass(frozen=True, eq=False)
class Page:
    """The components that belong to more than one panel, and the panels."""

    studio: Studio
    rail: gr.HTML
    narrative: TextComponent  # what the user says and draws
    label_map: TextComponent  # the canvas as the user left it
    seed: gr.Number
    result: gr.State  # the session's Result, or None
    cancel: gr.Button
    panels: tuple[Panel, ...]

    @property
    def outputs(self) -> list[Any]:
        """Every component that shows a result, and the one that keeps it."""
        shown = [output for panel in self.panels for output in panel.outputs]
        return [self.rail, self.result, *shown]

    @property
    def shown(self) -> dict[str, Any]:
        """Arguments of a listener that leads to a result: it uses the networks, and says so."""
        progress = {"show_progress": "minimal", "show_progress_on": self.rail}
        return {"outputs": self.outputs, **progress, **NETWORKS, **PRIVATE}

    def show(
        self,
        result: Result,
        before: Result | None,
        *,
        until: str = "synthesize",
        note: str = "",
    ) -> Updates:
        """The updates that turn what is shown of `before` into what is there of `result`.

        `until` as for `rail_of`.
        """
        updates = {self.rail: rail_of(result, until=until, note=note), self.result: result}
        for panel in self.panels:
            updates |= panel.updates(result, before)
        return updates

    def retold(self, result: Result) -> Updates:
        """The updates that tell of a result that is shown still once more."""
        updates: Updates = {}
        for panel in self.panels:
            updates |= panel.retold(result)
        return updates

    def cancelled(self, result: Result | None) -> Updates:
        """The updates after Cancel: what was ready stays, without what is older than its words."""
        note = text("page.cancelled")
        if result is None:
            return {self.rail: rail({}, note=note)}
        updates: Updates = {self.rail: rail_of(result, until="", note=note)}
        for panel in self.panels:
            updates |= panel.cancelled(result)
        return updates


def changed(result: Result, before: Result | None, *parts: str) -> bool:
    """Whether one of some parts of a result is there that was not, or was another one, before."""
    return any(
        getattr(result, part) is not None
        and (before is None or getattr(before, part) is not getattr(result, part))
        for part in parts
    )


def empty(message: str, kind: str = "") -> str:
    """What stands where a panel has nothing to show yet."""
    return f'<p class="nothing {kind}">{escape(message)}</p>'


def html(content: str, name: str, script: str | None = None) -> gr.HTML:
    """A component that shows HTML of our own, with a script for what happens on it."""
    return gr.HTML(
        content,
        js_on_load=script,
        elem_classes="stage",
        elem_id=f"{name}-panel",
        apply_default_css=False,
    )
