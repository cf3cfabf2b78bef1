"""A narrative and what became of it, as HTML: trace, words, canvas, pictures and numbers."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import NAMES, palette
from trecs.evaluation.browsed import Seen
from trecs.interface.pixels import colour, data_uri
from trecs.interface.texts import escaped, text
from trecs.narrative import Narrative
from trecs.result import Result

POINTS = 200  # of a stroke that are shown


def trace_html(narrative: Narrative) -> str:
    """The trace on an empty sheet, later strokes darker."""
    lines = []
    count = len(narrative.strokes)
    for i, stroke in enumerate(narrative.strokes):
        thin = stroke[:: max(len(stroke) // POINTS, 1), :2] * 100
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in thin)
        lines.append(
            f'<polyline points="{corners}" style="opacity:{0.4 + 0.6 * (i + 1) / count}"/>'
        )
    label = escaped("browse.trace_picture")
    return _figure(
        f'<svg viewBox="0 0 100 100" role="img" aria-label="{label}">{"".join(lines)}</svg>',
        text("browse.trace_told", number=count) if count else text("browse.trace_empty"),
    )


def words_html(words: Sequence[str], labels: NDArray[np.uint8] | None) -> str:
    """The words, each over its label's colour; the labels of a run stand below it once."""
    if labels is None:
        return f'<p class="said" tabindex="0">{escape(" ".join(words))}</p>'
    runs: list[tuple[int, list[str]]] = []
    for word, label in zip(words, labels.tolist(), strict=True):
        if runs and runs[-1][0] == label:
            runs[-1][1].append(word)
        else:
            runs.append((label, [word]))
    parts = [
        f'<span class="run" style="--label:{colour(label)}"><span class="run-words">'
        f"{escape(' '.join(said))}</span><small>{NAMES[label]}</small></span>"
        for label, said in runs
    ]
    return f'<p class="said" tabindex="0">{" ".join(parts)}</p>'


def drawing_html(result: Result) -> str:
    """Canvas, picture and numbers of a narrative that was drawn here."""
    assert result.canvas is not None
    assert result.image is not None
    assert result.retrieval is not None
    canvas = _picture(result.canvas.picture(), text("browse.canvas"), _hulls(result))
    picture = _picture(result.image, text("browse.picture", seed=result.picture_seed))
    rows = []
    for region, choice in zip(result.regions or (), result.retrieval.choices, strict=True):
        said = " ".join(w.text for w in result.narrative.words[region.start : region.stop])
        share = result.canvas.shares.get(NAMES[region.label], 0.0)
        rows.append(
            (
                NAMES[region.label],
                said or text("browse.no_words"),
                text("browse.predicted") if region.predicted else text("browse.drawn"),
                f"{choice.used[0].overlap:.2f}",
                f"{share:.2f}",
            )
        )
    titles = (
        text("browse.region"),
        text("browse.said"),
        text("browse.drawing"),
        text("browse.overlap"),
        text("browse.share"),
    )
    seconds = escaped("browse.seconds_told", number=f"{sum(result.seconds.values()):.1f}")
    return f'<div class="figures">{canvas}{picture}</div>{_table(titles, rows)}<p>{seconds}</p>'


def seen_html(photo: NDArray[np.uint8] | None, seen: Iterable[Seen]) -> str:
    """What an evaluation has of a narrative: the photo, and each system's canvas and picture."""
    figures = [] if photo is None else [_picture(photo, text("browse.photo"))]
    rows = []
    for one in seen:
        name = one.system if one.take == 0 else f"{one.system} {one.take + 1}"
        if one.label_map is not None:
            title = text("browse.canvas_of", system=name)
            figures.append(_picture(palette()[one.label_map], title))
        figures.append(_picture(one.picture, name))
        rows.append(
            (
                name,
                _number(one.iou, 3),
                _number(one.ssim, 3),
                _number(one.psnr, 1),
                _number(one.tagged, 2),
                f"{one.seconds:.2f}",
            )
        )
    titles = (
        text("browse.system"),
        text("browse.iou"),
        text("browse.ssim"),
        text("browse.psnr"),
        text("browse.tagged"),
        text("browse.seconds"),
    )
    return f'<div class="figures">{"".join(figures)}</div>{_table(titles, rows)}'


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _hulls(result: Result) -> str:
    corners = [" ".join(f"{x * 100:.1f},{y * 100:.1f}" for x, y in h) for h in result.hulls or ()]
    drawn = "".join(f'<polygon points="{points}"/>' for points in corners)
    return f'<svg viewBox="0 0 100 100" aria-hidden="true">{drawn}</svg>'


def _picture(pixels: NDArray[np.uint8], title: str, over: str = "") -> str:
    return _figure(f'<img src="{data_uri(pixels)}" alt="{escape(title)}">{over}', title)


def _figure(content: str, title: str) -> str:
    return f"<figure><div>{content}</div><figcaption>{escape(title)}</figcaption></figure>"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row)}</tr>" for row in rows
    )
    return f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
