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
from trecs.interface.texts import filled
from trecs.narrative import Narrative, dumps, loads
from trecs.narrative.localized import MAX_POINTS
from trecs.narrative.narrative import MAX_LETTERS, MAX_WORD_LENGTH, MAX_WORDS
from trecs.speech.recogniser import Recogniser

_TEMPLATE = """
<section class="tc stage" aria-label="{trace.section}">
  <div class="tc-sheet">
    <canvas class="tc-canvas" role="img"
      aria-label="{trace.sheet}"></canvas>
    <div class="tc-marks" role="group" aria-label="{trace.strokes}"></div>
    <p class="tc-hint">{trace.hint}<br>{trace.hint_more}</p>
  </div>
  <canvas class="tc-ribbon" aria-hidden="true"></canvas>
  <div class="tc-tools tools" role="toolbar" aria-label="{trace.tools}">
    <button type="button" class="tc-undo" title="{trace.undo_title}">
      <span>{trace.undo}</span></button>
    <button type="button" class="tc-redo" title="{trace.redo_title}">
      <span>{trace.redo}</span></button>
    <button type="button" class="tc-clear"><span>{trace.clear}</span></button>
    <button type="button" class="tc-replay" title="{trace.replay_title}">
      <span>{trace.replay}</span></button>
    <button type="button" class="tc-example" aria-expanded="false" aria-controls="tc-examples">
      <span>{trace.example}</span></button>
    <button type="button" class="tc-import" title="{trace.import_title}">
      <span>{trace.import}</span></button>
    <button type="button" class="tc-export" title="{trace.export_title}">
      <span>{trace.export}</span></button>
    <input class="tc-file" type="file" multiple hidden
      accept=".json,.jsonl,.png,.psd,.ora,.zip,.wav,.ogg,.mp3,application/json,image/png,audio/*"
      aria-label="{trace.file}">
  </div>
  <div class="tc-examples" id="tc-examples" hidden></div>
  <div class="tc-pile tools" role="group" aria-label="{narrative.pile_group}" hidden>
    <button type="button" class="tc-pile-before"><span>{narrative.pile_before}</span></button>
    <span class="tc-pile-told" role="status"></span>
    <button type="button" class="tc-pile-next"><span>{narrative.pile_next}</span></button>
  </div>
  <div class="tc-voice">
    <label for="tc-text">{trace.question}</label>
    <div class="tc-speaking">
      <button type="button" class="tc-again tool" hidden
        title="{voice.again_title}">{voice.again}</button>
      <button type="button" class="tc-speak tool" aria-pressed="false"
        title="{voice.speak_title}"><span>{voice.speak}</span><i class="tc-level"></i></button>
    </div>
    <button type="button" class="tc-live" role="switch" aria-checked="true"
      title="{trace.live_title}"><i></i><span>{trace.live}</span></button>
    <textarea id="tc-text" class="tc-text" rows="2" spellcheck="false" autocomplete="off"
      placeholder="{trace.placeholder}"></textarea>
    <p class="tc-spoken" hidden></p>
    <div class="tc-words" role="group" hidden
      aria-label="{trace.words}"></div>
    <ul class="tc-asks" hidden aria-label="{trace.asks}"></ul>
    {palette}
  </div>
  <p class="tc-status" role="status"></p>
  <button type="button" class="tc-remove tool" title="{trace.remove_title}" hidden
    >{trace.remove}</button>
</section>
""".replace("{palette}", palette_template("tc", "{trace.label}", hidden=True))


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
            html_template=filled(_TEMPLATE),
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
                "panels/trace/narrative_pile.js",
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
