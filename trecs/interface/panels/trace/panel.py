"""The trace: words and strokes on one clock, and the way from there to the picture."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from files.errors import InputError
from trecs.interface.bodies import from_base64
from trecs.interface.examples import example, examples
from trecs.interface.messages import speaking
from trecs.interface.panel import AT_ONCE, Panel, Updates
from trecs.interface.panels.trace.trace_canvas import TraceCanvas
from trecs.interface.rail import duration, rail
from trecs.interface.recolouring import alike, recoloured
from trecs.interface.seeds import checked_seed
from trecs.interface.texts import text
from trecs.narrative import Narrative
from trecs.picture_record import read_picture_record
from trecs.result import Result


class Trace(Panel):
    """What the user says and draws."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = TraceCanvas(examples(), elem_id="trace")
        with gr.Row(elem_classes="acts"):
            compose, cancel = text("trace.compose"), text("trace.cancel")
            self.compose = gr.Button(compose, variant="primary", scale=3, elem_id="compose")
            self.cancel = gr.Button(cancel, scale=1, elem_id="cancel")

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("trace.title"), text("trace.what")

    def connect(self) -> list[Any]:
        """Compose leads to a picture; a pause, where Live is on, as far as the canvas."""
        page, sheet = self.page, self.sheet
        sheet.recogniser = page.studio.models.recogniser
        sheet.example(self.chosen, None, sheet, **AT_ONCE)
        starts, given = [self.compose.click, sheet.submit], [sheet, page.seed]
        follows = {"trigger_mode": "always_last", **page.shown}
        restoring = {**page.shown, "outputs": [*page.outputs, sheet, page.seed]}
        return [
            gr.on(starts, self.composed, given, **page.shown),
            sheet.live(self.followed, [sheet, page.result, page.seed], **follows),
            sheet.picture(self.restored, None, **restoring),
        ]

    def composed(self, narrative: Narrative | None, seed: float | None) -> Iterator[Updates]:
        """The whole way from words and trace to the picture, stage by stage."""
        with speaking():
            given = checked_seed(seed)
            if narrative is None:
                raise InputError(text("trace.nothing_yet"))
            yield {self.page.rail: rail({}, "tag", text("trace.composing"))}
            try:
                yield from self._shown(narrative, given, until="synthesize")
            except Exception:
                yield {self.page.rail: rail({}, note=text("page.ready"))}
                raise

    def followed(
        self, narrative: Narrative | None, result: Result | None, seed: float | None
    ) -> Iterator[Updates]:
        """Words, regions, masks and canvas after a pause; the picture waits for Compose.

        A narrative that is on the canvas already stays as it is, with what was painted there.
        """
        with speaking():
            there = result if result is not None and result.canvas is not None else None
            # Gradio empties every output of a generator that ends without a word.
            updates: Updates = {self.page.rail: gr.skip()}
            if narrative is None:
                yield updates
                return
            if there and alike(there.narrative, narrative):
                yield {
                    **updates,
                    **self.page.retold(there),
                    **self._recoloured(there, narrative, seed),
                }
                return
            try:
                yield from self._shown(narrative, checked_seed(seed), until="compose")
            except InputError as error:
                # Half a sentence may well be unusable; that deserves a line, not an alarm.
                yield {self.page.rail: rail({}, note=str(error))}

    def restored(self, event: gr.EventData) -> Iterator[Updates]:
        """All that a picture remembers: words, trace, canvas, seeds, and the picture drawn anew."""
        page = self.page
        with speaking():
            data = event._data if isinstance(event._data, dict) else {}
            record = read_picture_record(from_base64(data.get("content")))
            told = record.narrative if record.seed is not None else None
            given = {self.sheet: told, page.seed: record.picture_seed}
            yield {page.rail: rail({}, "tag", text("trace.composing_picture")), **given}
            try:
                drawn = page.studio.drawn(page.studio.as_recorded(record), record.picture_seed)
            except Exception:
                yield {page.rail: rail({}, note=text("page.ready"))}
                raise
            note = text("trace.composed_again")
            yield page.show(drawn, None, until="", note=note)

    def _recoloured(self, result: Result, narrative: Narrative, seed: float | None) -> Updates:
        """The same canvas with other colours or seeds, drawn again where there was a picture."""
        told = recoloured(result, narrative)
        if told is result:
            return {}
        if result.image is not None:
            before = result.picture_seed
            told = self.page.studio.drawn(told, checked_seed(seed) if before is None else before)
        return self.page.show(told, result, until="", note=text("trace.drawn_anew"))

    def _shown(self, narrative: Narrative, seed: int, *, until: str) -> Iterator[Updates]:
        before: Result | None = None
        for result in self.page.studio.followed(narrative, seed):
            finished = result.image is not None or (
                until == "compose" and result.canvas is not None
            )
            note = _summary(result, until) if finished else ""
            yield self.page.show(result, before, until=until, note=note)
            before = result
            if finished:
                return

    def chosen(self, event: gr.EventData) -> Narrative:
        """The narrative of the chosen card."""
        with speaking():
            data = event._data if isinstance(event._data, dict) else {}
            return example(data.get("name"))


def _summary(result: Result, until: str) -> str:
    time = duration(sum(result.seconds.values()))
    done = text("trace.done", count=len(result.regions or ()), time=time)
    return done if until == "synthesize" else text("trace.done_canvas", done=done)
