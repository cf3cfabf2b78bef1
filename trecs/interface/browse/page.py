"""The page of `trecs browse`: filters, a table, and the chosen narrative beside it."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from files.errors import InputError
from segmentation.labels import NAMES
from trecs.evaluation.browsed import RunCollection
from trecs.interface.assets import FOLDER, script
from trecs.interface.browse.browsing import ROWS, Browsing, View
from trecs.interface.browse.details import seen_html, trace_html, words_html
from trecs.interface.browse.rows import status_html, table_html
from trecs.interface.limits import Limits
from trecs.interface.look import look
from trecs.interface.messages import speaking
from trecs.interface.panel import QUIET, empty, html
from trecs.interface.serving import check_address, opened, own_folder, stay
from trecs.interface.studio import NETWORKS
from trecs.interface.texts import escaped, filled, text

LONGEST = 200  # letters of the filter by words
# One after another, in the order in which somebody asked: the last answer is that to the last wish.
ORDERLY: dict[str, Any] = {**QUIET, "concurrency_limit": 1, "concurrency_id": "looks"}
MANY = 1_000  # events of one person, who may hold a key down
_TITLE = """
<header class="title-block">
  <h1>{browse.title}</h1>
  <p>{browse.what}</p>
</header>
"""


def build(browsing: Browsing) -> gr.Blocks:
    """The page; open it with `opened` and `looks()`."""
    with gr.Blocks(title=text("browse.title")) as page:
        state = gr.State(View())
        gr.HTML(filled(_TITLE), apply_default_css=False)
        filters = html(filters_html(), "filters", script("browse/filters.js"))
        status = html(status_html(browsing, View()), "status")
        with gr.Row():
            with gr.Column():
                table = html(
                    table_html(browsing, View()), "table", script("shortcut.js", "browse/browse.js")
                )
                with gr.Row():
                    back = gr.Button(text("browse.back"), elem_id="page-back")
                    on = gr.Button(text("browse.on"), elem_id="page-on")
            with gr.Column():
                with gr.Row():
                    before = gr.Button(text("browse.before"), elem_id="before")
                    after = gr.Button(text("browse.after"), elem_id="after")
                    draw = gr.Button(text("browse.draw"), variant="primary", elem_id="draw")
                detail = html(detail_html(browsing, View()), "detail")
        shown = [table, status, detail]

        def show(view: View) -> list[str]:
            parts = (table_html, status_html, detail_html)
            return [part(browsing, view) for part in parts]

        def change(to: Callable[[View], View]) -> Callable[[View], list[Any]]:
            def changed(view: View) -> list[Any]:
                view = to(view)
                return [view, *show(view)]

            return changed

        def filtered(view: View, event: gr.EventData) -> list[Any]:
            word, label = _filters(event._data)
            view = _first(browsing, replace(view, word=word, label=label, page=0))
            return [view, *show(view)]

        filters.filter(filtered, state, [state, *shown], trigger_mode="multiple", **ORDERLY)
        for button, action in (
            (back, lambda view: _turned(browsing, view, -1)),
            (on, lambda view: _turned(browsing, view, 1)),
            (before, lambda view: _stepped(browsing, view, -1)),
            (after, lambda view: _stepped(browsing, view, 1)),
        ):
            button.click(change(action), state, [state, *shown], trigger_mode="multiple", **ORDERLY)

        def picked(view: View, event: gr.EventData) -> list[Any]:
            view = replace(view, chosen=_number(browsing, event._data, view.chosen))
            return [view, *show(view)]

        table.pick(picked, state, [state, *shown], trigger_mode="multiple", **ORDERLY)

        def tag(view: View) -> None:
            with speaking():
                browsing.tag(view)

        # What the tagger read is shown for what is looked at by then.
        table.more(tag, state, None, **NETWORKS, **QUIET).then(show, state, shown, **ORDERLY)

        def drawn(view: View) -> None:
            with speaking():
                browsing.draw(view.chosen)

        progress = {"show_progress": "minimal", "show_progress_on": detail}
        drawing = draw.click(drawn, state, None, api_visibility="private", **progress, **NETWORKS)
        drawing.then(show, state, shown, **ORDERLY)
    return page


def filters_html() -> str:
    """The filters: words, and a label."""
    labels = "".join(f"<option>{name}</option>" for name in sorted(set(NAMES)))
    return (
        '<form class="filters" onsubmit="return false">'
        f"<label>{escaped('browse.words_filter')} "
        f'<input type="search" maxlength="{LONGEST}" autocomplete="off"></label>'
        f"<label>{escaped('browse.label_filter')} "
        f'<select><option value="">{escaped("browse.any_label")}</option>{labels}</select></label>'
        "</form>"
    )


def detail_html(browsing: Browsing, view: View) -> str:
    """The chosen narrative: its words, its trace, and what became of it."""
    collection, number = browsing.collection, view.chosen
    entry = collection.entries[number]
    try:
        told = collection.narrative(number)
    except InputError as error:
        return empty(str(error), "wrong")
    parts = [f"<h2>{escape(entry.name)}</h2>", words_html(entry.words, browsing.labels(number))]
    parts += [f'<p class="note">{escape(note)}</p>' for note in told.notes]
    drawn = browsing.drawing(number) or empty(text("browse.not_drawn"))
    parts.append(f'<div class="beside">{trace_html(told)}{drawn}</div>')
    if isinstance(collection, RunCollection):
        parts.append(f"<h3>{escaped('browse.evaluation')}</h3>")
        parts.append(seen_html(collection.photo(number), collection.seen(number)))
    return f'<section data-number="{number}">{"".join(parts)}</section>'


def looks() -> dict[str, Any]:
    """Arguments of `launch`: those of the studio with a style sheet of its own."""
    arguments = look()
    own = (FOLDER / "browse" / "browse.css").read_text("utf-8")
    return {**arguments, "css": f"{arguments['css']}\n{own}", "footer_links": []}


def open_browsing(browsing: Browsing, host: str, port: int) -> None:
    """Opens the page until it is interrupted; raises InputError where nothing can listen there."""
    check_address(host, port)
    own_folder()
    page = build(browsing)
    opened(page, host, port, limits=Limits(MANY, MANY, session_places=MANY), **looks())
    browsing.models.start()
    stay(page)


def _first(browsing: Browsing, view: View) -> View:
    """The view with the first narrative that matches chosen, where the chosen one does not."""
    numbers = browsing.matches(view).numbers
    if not numbers or view.chosen in numbers:
        return view
    return replace(view, chosen=numbers[0])


def _turned(browsing: Browsing, view: View, by: int) -> View:
    """The view another page on, where there is one, with its first narrative chosen."""
    numbers = browsing.matches(view).numbers
    page = view.page + by
    if not 0 <= page * ROWS < len(numbers):
        return view
    return replace(view, page=page, chosen=numbers[page * ROWS])


def _stepped(browsing: Browsing, view: View, by: int) -> View:
    """The view another narrative on among those that match, on the page where that stands."""
    numbers = browsing.matches(view).numbers
    if not numbers:
        return view
    place = numbers.index(view.chosen) + by if view.chosen in numbers else 0
    place = min(max(place, 0), len(numbers) - 1)
    return replace(view, page=place // ROWS, chosen=numbers[place])


def _filters(data: object) -> tuple[str, str]:
    """The words and the label that the browser sent; empty where they are none."""
    given = data if isinstance(data, dict) else {}
    word, label = given.get("word"), given.get("label")
    return (word[:LONGEST] if isinstance(word, str) else "", label if label in NAMES else "")


def _number(browsing: Browsing, data: object, otherwise: int) -> int:
    """The narrative's number that the browser sent; `otherwise` where it is none."""
    number = data.get("number") if isinstance(data, dict) else None
    known = type(number) is int and 0 <= number < len(browsing.collection.entries)
    return number if known else otherwise  # type: ignore[return-value]
