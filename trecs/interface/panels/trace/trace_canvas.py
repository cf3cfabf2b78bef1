"""The tracing sheet: a canvas and the narration box in one component, on one clock.

Its value crosses the border as one string, a narrative in the Localized Narratives format, or
the empty string while nothing was said or drawn.
"""

from typing import Any

from files.errors import InputError
from trecs.interface.assets import DRAWN_ON, script
from trecs.interface.bodies import Refused, check_values, from_base64
from trecs.interface.component import TextComponent
from trecs.interface.examples import Example
from trecs.interface.label_palette import label_palette, palette_template
from trecs.interface.limits import Limits
from trecs.interface.panels.trace.voice import readiness, recognised
from trecs.narrative import Narrative, dumps, loads
from trecs.narrative.localized import MAX_POINTS
from trecs.narrative.narrative import MAX_LETTERS, MAX_WORD_LENGTH, MAX_WORDS
from trecs.speech.recogniser import Recogniser

_TEMPLATE = """
<section class="tc stage" aria-label="Trace and narrate">
  <div class="tc-sheet">
    <canvas class="tc-canvas" role="img"
      aria-label="Tracing sheet. Draw with mouse, pen or finger where each thing is."></canvas>
    <div class="tc-marks" role="group" aria-label="Strokes"></div>
    <p class="tc-hint">Draw here while you describe.<br>
      Loop over each thing as you name it.</p>
  </div>
  <canvas class="tc-ribbon" aria-hidden="true"></canvas>
  <div class="tc-tools tools" role="toolbar" aria-label="Tracing">
    <button type="button" class="tc-undo" title="Undo (Ctrl-Z)"><span>Undo</span></button>
    <button type="button" class="tc-redo" title="Redo (Ctrl-Shift-Z)"><span>Redo</span></button>
    <button type="button" class="tc-clear"><span>Clear</span></button>
    <button type="button" class="tc-replay" title="Draw the trace again at its own speed">
      <span>Replay</span></button>
    <button type="button" class="tc-example" aria-expanded="false" aria-controls="tc-examples">
      <span>Load example</span></button>
    <button type="button" class="tc-import"
      title="Open a narrative (Localized Narratives JSON) and its recording, a picture that was
drawn here, layers">
      <span>Import</span></button>
    <button type="button" class="tc-export"
      title="Save as Localized Narratives JSON, and the recording beside it">
      <span>Export</span></button>
    <input class="tc-file" type="file" multiple hidden
      accept=".json,.jsonl,.png,.psd,.ora,.zip,.wav,.ogg,.mp3,application/json,image/png,audio/*"
      aria-label="Narrative, recording or picture">
  </div>
  <div class="tc-examples" id="tc-examples" hidden></div>
  <div class="tc-voice">
    <label for="tc-text">What is in the picture?</label>
    <div class="tc-speaking">
      <button type="button" class="tc-again tool" hidden
        title="Recognise what was recorded and is not written down yet">Recognise again</button>
      <button type="button" class="tc-speak tool" aria-pressed="false"
        title="Record your voice while you trace; it is written down on the studio's own machine">
        <span>Speak</span><i class="tc-level"></i></button>
    </div>
    <button type="button" class="tc-live" role="switch" aria-checked="true"
      title="Follow with words, regions and canvas whenever you pause">
      <i></i><span>Live</span></button>
    <textarea id="tc-text" class="tc-text" rows="2" spellcheck="false" autocomplete="off"
      placeholder="In front there is a brown dog on the grass, behind it ..."></textarea>
    <p class="tc-spoken" hidden></p>
    <div class="tc-words" role="group" hidden
      aria-label="Words. Choose a stroke and a word to bind them."></div>
    <ul class="tc-asks" hidden aria-label="Labels of words"></ul>
    {palette}
  </div>
  <p class="tc-status" role="status"></p>
  <button type="button" class="tc-remove tool" title="Delete" hidden>Remove stroke</button>
</section>
""".replace("{palette}", palette_template("tc", "Label", hidden=True))


class TraceCanvas(TextComponent):
    """Canvas and narration box. Events: `submit` (Ctrl-Enter), `live`, `example`, `picture`."""

    DESCRIPTION = "a narrative as Localized Narratives JSON"
    EXAMPLE = '{"caption": "a dog on the grass"}'

    def __init__(self, examples: list[Example], **arguments: Any) -> None:
        self.recogniser = Recogniser()

        def recognise(content: str) -> dict[str, Any]:
            return recognised(self.recogniser, content)

        def speech_ready(_: str) -> dict[str, Any]:
            return readiness(self.recogniser)

        super().__init__(
            value="",
            html_template=_TEMPLATE,
            js_on_load=script(
                *DRAWN_ON,
                "kept_items.js",
                "links.js",
                "label_palette.js",
                "panels/trace/narrative_clock.js",
                "panels/trace/colours.js",
                "panels/trace/seeds.js",
                "panels/trace/bindings.js",
                "panels/trace/matches.js",
                "panels/trace/trace_drawing.js",
                "panels/trace/stroke_marks.js",
                "panels/trace/word_strip.js",
                "panels/trace/label_asker.js",
                "panels/trace/binder.js",
                "panels/trace/sound.js",
                "panels/trace/tape.js",
                "panels/trace/spoken.js",
                "panels/trace/microphone.js",
                "panels/trace/voice.js",
                "panels/trace/live_switch.js",
                "panels/trace/sheet_keys.js",
                "panels/trace/replay.js",
                "panels/trace/example_tray.js",
                "panels/trace/demonstration.js",
                "layer_files.js",
                "panels/trace/narrative_file.js",
                "panels/trace/trace_canvas.js",
            ),
            apply_default_css=False,
            limits={
                "words": MAX_WORDS,
                "letters": MAX_WORD_LENGTH,
                "most": MAX_LETTERS,
                "points": MAX_POINTS,
            },
            **label_palette(),
            server_functions=[read_narrative, recognise, speech_ready],
            examples=[{"name": e.name, "title": e.title, "lines": e.thumbnail()} for e in examples],
            **arguments,
        )

    def decode(self, text: str) -> Narrative:
        """The narrative in Localized Narratives JSON."""
        return loads(text)

    def encode(self, value: Narrative) -> str:
        """A narrative as Localized Narratives JSON."""
        return dumps(value)


def read_narrative(content: str) -> dict[str, Any]:
    """A file that somebody imports, its bytes in base64, as whatever draws it would read it.

    Returns `narrative`, the JSON that the sheet loads, with `notes` about what was mended, or why
    it is `refused`.
    """
    try:
        raw = from_base64(content)
        check_values(raw, Limits())
        told = loads(raw)
    except InputError as error:
        return {"refused": str(error)}
    except Refused as refused:
        return {"refused": refused.told}
    return {"narrative": dumps(told), "notes": list(told.notes)}
