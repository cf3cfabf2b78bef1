"""The Localized Narratives file format (Pont-Tuset et al., ECCV 2020).

`caption`, `timed_caption` of {utterance, start_time, end_time} and `traces`, a list of segments of
{x, y, t}; x and y are fractions of the picture and may leave [0, 1] by about a tenth; times are
seconds. On the page, a pause of more than 30 s in which nothing is typed or drawn counts as 30 s.
`voice_recording` is the path of the narrator's recording, relative to the annotations; its first
sample is at 0 s.

Three keys are ours, and other readers ignore them: `trecs_bindings`, `trecs_colours` and
`trecs_seeds`, see `trecs.narrative.bindings`, `.colours` and `.seeds`.
"""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.text import cleaned, decoded, once
from retrieval.identity import whole_number
from trecs.narrative.bindings import Bindings
from trecs.narrative.colours import colours_json, read_colours
from trecs.narrative.mending import mended
from trecs.narrative.narrative import MAX_WORDS, Narrative, Word, check_numbers, from_text, split
from trecs.narrative.seeds import read_seeds, seeds_json

MAX_BYTES = 16 * 1024 * 1024
MAX_POINTS = 100_000
MAX_STROKES = 2_000
MAX_PATH = 1_000  # characters


def read(path: Path, *, ignore_trace: bool = False) -> Narrative:
    """Reads the narrative in a file: one JSON object, or the first line of a JSONL file.

    `ignore_trace` as in `loads`. Raises InputError where the file cannot be read or used.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # no more, even where the file has no end
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"The narrative '{path}' cannot be read ({reason}); expected a JSON file in the "
            "Localized Narratives format."
        ) from error
    if len(content) <= MAX_BYTES:
        return loads(decoded(content, f"The narrative '{path}'"), ignore_trace=ignore_trace)
    return loads(content, ignore_trace=ignore_trace)


def loads(text: str | bytes, *, ignore_trace: bool = False) -> Narrative:
    """Parses a narrative in the Localized Narratives format.

    `ignore_trace` leaves out `traces`, unread, and what is bound. A caption without
    `timed_caption` is a narrative without times, which is fine as long as nothing is drawn.
    What is certain is mended, see `trecs.narrative.mending`; the narrative's `notes` say so.
    Raises InputError for all else.
    """
    if len(text) > MAX_BYTES:
        raise InputError(
            f"The narrative has more than {MAX_BYTES // 2**20} MB. Give one narrative, not a whole "
            "dataset."
        )
    record = _json(text)
    if not isinstance(record, dict) or not ({"caption", "timed_caption"} & record.keys()):
        raise InputError(
            "This is JSON, but not a Localized Narrative; expected one object with 'caption', "
            "'timed_caption' [{utterance, start_time, end_time}] and 'traces' [[{x, y, t}]]."
        )
    strokes = () if ignore_trace else _strokes(record.get("traces") or [])
    told = _bindings(record)
    timed = record.get("timed_caption")
    if timed:
        words = _timed_words(timed)
    else:
        caption = record.get("caption") or ""
        if not isinstance(caption, str):
            raise InputError(f"'caption' is {_kind(caption)}; expected a text.")
        if strokes and split(caption):
            raise InputError(
                "The words have no times, so the trace cannot be matched to them; give "
                "'timed_caption' [{utterance, start_time, end_time}], or ignore the trace "
                "(--no-trace)."
            )
        words = from_text(caption).words if split(caption) else ()
    narrative = Narrative(
        words,
        strokes,
        image_id=_identifier(record.get("image_id")),
        annotator_id=_integer(record.get("annotator_id")),
        dataset_id=_identifier(record.get("dataset_id")),
        bindings={} if ignore_trace else told.words,
        labels=told.labels,
        colours=read_colours(record.get("trecs_colours") or [], "trecs_colours"),
        seeds=read_seeds(record.get("trecs_seeds") or [], "trecs_seeds"),
        voice_recording=_path(record.get("voice_recording")),
    )
    return mended(check_numbers(narrative))


def dumps(narrative: Narrative) -> str:
    """A narrative as one line of Localized Narratives JSON; `loads` gives it back."""
    timed = [
        {"utterance": word.text, "start_time": word.start, "end_time": word.end}
        for word in narrative.words
    ]
    traces = [
        [{"x": float(x), "y": float(y), "t": float(t)} for x, y, t in stroke]
        for stroke in narrative.strokes
    ]
    record = {
        "dataset_id": narrative.dataset_id,
        "image_id": narrative.image_id,
        "annotator_id": narrative.annotator_id,
        "caption": narrative.caption,
        "timed_caption": timed,
        "traces": traces,
    }
    if narrative.voice_recording:
        record["voice_recording"] = narrative.voice_recording
    if told := Bindings(narrative.bindings, narrative.labels).to_json():
        record["trecs_bindings"] = told
    if narrative.colours:
        record["trecs_colours"] = colours_json(narrative.colours)
    if narrative.seeds:
        record["trecs_seeds"] = seeds_json(narrative.seeds)
    return json.dumps(record, ensure_ascii=False)


def _json(text: str | bytes) -> Any:
    def refuse(constant: str) -> None:
        raise InputError(f"The narrative holds {constant}; times and coordinates must be finite.")

    whole = decoded(text, "The narrative") if isinstance(text, bytes) else text
    whole = whole.removeprefix("\ufeff")
    try:
        try:
            return json.loads(whole, parse_constant=refuse, object_pairs_hook=once)
        except json.JSONDecodeError:
            first, _, rest = whole.strip().partition("\n")
            if not rest.lstrip().startswith("{"):
                raise
            return json.loads(first, parse_constant=refuse, object_pairs_hook=once)
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"The narrative is not JSON ({error}); expected the Localized Narratives format: "
            "{caption, timed_caption: [{utterance, start_time, end_time}], traces: [[{x, y, t}]]}."
        ) from error


def _timed_words(timed: Any) -> tuple[Word, ...]:
    """The words of `timed_caption`; an utterance of several words shares out its time by length."""
    if not isinstance(timed, list):
        raise InputError(f"'timed_caption' is {_kind(timed)}; expected a list.")
    words: list[Word] = []
    for i, item in enumerate(timed):
        if not isinstance(item, dict) or not isinstance(item.get("utterance"), str):
            raise InputError(
                f"timed_caption[{i}] is not {{utterance, start_time, end_time}} with a text."
            )
        start = _number(item, "start_time", f"timed_caption[{i}]")
        end = _number(item, "end_time", f"timed_caption[{i}]")
        if end < start:
            raise InputError(
                f"timed_caption[{i}] ends ({end:g} s) before it starts ({start:g} s); swap the two."
            )
        pieces = split(item["utterance"])
        seconds_per_letter = (end - start) / max(sum(map(len, pieces)), 1)
        for piece in pieces:
            words.append(Word(piece, start, start + len(piece) * seconds_per_letter))
            start = words[-1].end
        if pieces:
            words[-1] = replace(words[-1], end=end)  # exactly, whatever the sums were rounded to
        if len(words) > MAX_WORDS:
            break
    return tuple(words)


def _strokes(traces: Any) -> tuple[NDArray[np.float64], ...]:
    if not isinstance(traces, list) or not all(isinstance(trace, list) for trace in traces):
        raise InputError("'traces' is not a list of lists of {x, y, t}.")
    if len(traces) > MAX_STROKES:
        raise InputError(
            f"The trace has {len(traces):,} strokes; at most {MAX_STROKES:,} are taken. Join those "
            "that were drawn without lifting."
        )
    count = sum(map(len, traces))
    if count > MAX_POINTS:
        raise InputError(
            f"The trace has {count:,} points; at most {MAX_POINTS:,} are taken. Thin it out: 50 "
            "points a second are plenty."
        )
    strokes = []
    for i, trace in enumerate(traces):
        points = [
            [_number(point, name, f"traces[{i}][{j}]") for name in ("x", "y", "t")]
            for j, point in enumerate(trace)
        ]
        if points:
            strokes.append(np.array(points, np.float64))
    return tuple(strokes)


def _bindings(record: dict[str, Any]) -> Bindings:
    """The words of bound strokes, whose numbers are those of the strokes that have points."""
    told = Bindings.of(record.get("trecs_bindings") or [], "trecs_bindings")
    traces = record.get("traces") or []
    if not isinstance(traces, list):
        return told
    drawn = {number: i for i, number in enumerate(n for n, trace in enumerate(traces) if trace)}
    words = {
        drawn.get(number, number): word
        for number, word in told.words.items()
        if not 0 <= number < len(traces) or traces[number]  # else nothing was drawn
    }
    return Bindings(words, told.labels)


def _number(item: Any, name: str, where: str) -> float:
    value = item.get(name) if isinstance(item, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"{where} has no usable '{name}' ({_kind(value)}); expected a number"
            + (" of seconds." if "t" in name else ", a fraction of the picture.")
        )
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _integer(value: Any) -> int:
    number = whole_number(value)
    return number if number is not None and abs(number) < 2**53 else 0


def _identifier(value: Any) -> str:
    """An identifier as text; the files have both numbers and texts, all else is dropped."""
    known = value if isinstance(value, str) else whole_number(value)
    return cleaned(str(known)) if known is not None else ""


def _path(value: Any) -> str:
    """The recording's path as it is told, which is never opened; what is no text is dropped."""
    return cleaned(value)[:MAX_PATH] if isinstance(value, str) else ""


def _kind(value: Any) -> str:
    return "missing" if value is None else f"a {type(value).__name__}"
