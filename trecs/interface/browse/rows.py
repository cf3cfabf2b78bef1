"""The table of narratives, a page of rows at a time, and what is told above it."""

from collections import Counter
from html import escape

from segmentation.labels import NAMES
from trecs.interface.browse.browsing import ROWS, Browsing, View
from trecs.interface.pixels import colour
from trecs.interface.texts import escaped, text

MOST_LABELS = 6  # of a narrative that stand in its row
MOST_BAD = 100  # lines that are named


def table_html(browsing: Browsing, view: View) -> str:
    """The rows of a page; `data-more` says that there is something for the tagger to read."""
    matches = browsing.matches(view)
    shown = matches.numbers[view.page * ROWS : (view.page + 1) * ROWS]
    more = f' data-more="{len(browsing.lacking(view))}-{matches.looked}"'
    if not browsing.lacking(view):
        more = ""
    rows = "".join(_row(browsing, number, number == view.chosen) for number in shown)
    if not rows:
        told = escaped("browse.looking") if more else escaped("browse.no_match")
        rows = f'<tr><td colspan="4">{told}</td></tr>'
    titles = (
        escaped("browse.narrative"),
        escaped("browse.words"),
        escaped("browse.labels"),
        escaped("browse.trace"),
    )
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    return (
        f'<table class="narratives"{more}><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def status_html(browsing: Browsing, view: View) -> str:
    """How many narratives there are, how many match, and which cannot be used."""
    matches, bad = browsing.matches(view), browsing.collection.bad
    count = len(browsing.collection.entries)
    found, pages = len(matches.numbers), max(-(-len(matches.numbers) // ROWS), 1)
    seen = {"found": f"{found:,}", "all": f"{count:,}", "page": f"{view.page + 1:,}"}
    told = escaped("browse.found", **seen, pages=f"{pages:,}")
    if not matches.whole:
        told = escaped("browse.found_so_far", **seen, looked=f"{matches.looked:,}")
    lines = "".join(
        f"<li><b>{escape(one.name)}</b> {escape(one.reason)}</li>" for one in bad[:MOST_BAD]
    )
    more = escaped("browse.more", number=f"{len(bad) - MOST_BAD:,}")
    rest = f"<li>{more}</li>" if len(bad) > MOST_BAD else ""
    unusable = escaped("browse.unusable", number=f"{len(bad):,}")
    left_out = (
        f'<details class="bad"><summary>{unusable}</summary><ul>{lines}{rest}</ul></details>'
        if bad
        else ""
    )
    return f'<p class="found" role="status">{told}</p>{left_out}'


def _row(browsing: Browsing, number: int, chosen: bool) -> str:
    entry, labels = browsing.collection.entries[number], browsing.labels(number)
    trace = text("browse.no_strokes")
    if entry.strokes:
        trace = text("browse.strokes", strokes=entry.strokes, seconds=f"{entry.seconds:.0f}")
    marks = "\u2026"
    if labels is not None:
        usual = Counter(labels.tolist()).most_common(MOST_LABELS)
        marks = " ".join(
            f'<span class="mark" style="--label:{colour(label)}">{NAMES[label]}</span>'
            for label, _ in usual
        )
    return (
        f'<tr data-number="{number}" aria-selected="{str(chosen).lower()}">'
        f'<th scope="row"><button type="button">{escape(entry.name)}</button></th>'
        f"<td><p>{escape(' '.join(entry.words))}</p></td><td>{marks}</td>"
        f"<td>{escape(trace)}</td></tr>"
    )
