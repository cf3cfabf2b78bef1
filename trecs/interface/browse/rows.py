"""The table of narratives, a page of rows at a time, and what is told above it."""

from collections import Counter
from html import escape

from segmentation.labels import NAMES
from trecs.interface.browse.browsing import ROWS, Browsing, View
from trecs.interface.pixels import colour

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
        told = "No narrative so far; looking on." if more else "No narrative has all of this."
        rows = f'<tr><td colspan="4">{told}</td></tr>'
    return (
        f'<table class="narratives"{more}><thead><tr><th scope="col">Narrative</th>'
        '<th scope="col">Words</th><th scope="col">Labels</th><th scope="col">Trace</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def status_html(browsing: Browsing, view: View) -> str:
    """How many narratives there are, how many match, and which cannot be used."""
    matches, bad = browsing.matches(view), browsing.collection.bad
    count = len(browsing.collection.entries)
    found, pages = len(matches.numbers), max(-(-len(matches.numbers) // ROWS), 1)
    told = f"{found:,} of {count:,} narratives, page {view.page + 1:,} of {pages:,}"
    if not matches.whole:
        told = (
            f"{found:,} so far, looked at {matches.looked:,} of {count:,}; page {view.page + 1:,}"
        )
    lines = "".join(
        f"<li><b>{escape(one.name)}</b> {escape(one.reason)}</li>" for one in bad[:MOST_BAD]
    )
    rest = f"<li>and {len(bad) - MOST_BAD:,} more</li>" if len(bad) > MOST_BAD else ""
    left_out = (
        f'<details class="bad"><summary>{len(bad):,} cannot be used</summary><ul>{lines}{rest}</ul>'
        "</details>"
        if bad
        else ""
    )
    return f'<p class="found" role="status">{told}</p>{left_out}'


def _row(browsing: Browsing, number: int, chosen: bool) -> str:
    entry, labels = browsing.collection.entries[number], browsing.labels(number)
    trace = f"{entry.strokes} strokes, {entry.seconds:.0f} s" if entry.strokes else "none"
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
        f"<td><p>{escape(' '.join(entry.words))}</p></td><td>{marks}</td><td>{trace}</td></tr>"
    )
