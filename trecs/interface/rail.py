"""The rail: how far the way from words to picture has come, and how long each stage took."""

from dataclasses import dataclass
from html import escape

from trecs.result import Result

READY = "Type, trace, or load an example."


@dataclass(frozen=True)
class Step:
    """A stage: its key among a result's times, its name, the heading it leads to, what it does,
    and the part of a result that it computes."""

    key: str
    name: str
    anchor: str
    what: str
    part: str


STEPS = (
    Step("tag", "Tag", "words", "every word gets a label", "tags"),
    Step("align", "Align", "regions", "words meet their stretch of the trace", "regions"),
    Step("retrieve", "Retrieve", "masks", "each region finds a mask", "retrieval"),
    Step("compose", "Compose", "canvas", "masks become a segmentation canvas", "canvas"),
    Step("synthesize", "Synthesize", "picture", "the canvas becomes a picture", "image"),
)


def rail(seconds: dict[str, float | None], running: str = "", note: str = "") -> str:
    """The five stages: those done with their time, the one under way, and a note beneath.

    A stage that the user did instead, such as painting the canvas, has no time: None.
    """
    items = []
    for step in STEPS:
        state = "done" if step.key in seconds else "running" if step.key == running else "waiting"
        took = seconds.get(step.key)
        time = "working" if step.key == running else "" if took is None else duration(took)
        current = ' aria-current="step"' if step.key == running else ""
        items.append(
            f'<li class="{state}"{current}><a href="#{step.anchor}" title="{step.what}">'
            f"<b>{step.name}</b><span>{time}</span></a></li>"
        )
    return (
        f'<nav class="rail" aria-label="Stages"><ol>{"".join(items)}</ol>'
        f'<p role="status">{escape(note)}</p></nav>'
    )


def rail_of(result: Result, *, until: str = "synthesize", note: str = "") -> str:
    """The rail for a result of which some stages are done.

    `until` is the last stage to come, so that the one under way can be told; it is empty where
    none is.
    """
    done = {
        step.key: result.seconds.get(step.key)
        for step in STEPS
        if getattr(result, step.part) is not None
    }
    order = [step.key for step in STEPS]
    expected = order[: order.index(until) + 1] if until else []
    coming = [stage for stage in expected if stage not in done]
    return rail(done, coming[0] if coming else "", note)


def duration(seconds: float) -> str:
    """A time as people read it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
