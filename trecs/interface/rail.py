"""The rail: how far the way from words to picture has come, and how long each stage took."""

from dataclasses import dataclass
from html import escape

from trecs.interface.texts import escaped, text
from trecs.result import Result


@dataclass(frozen=True)
class Step:
    """A stage: its key among a result's times, the heading it leads to, and the part of a result
    that it computes."""

    key: str
    anchor: str
    part: str


STEPS = (
    Step("tag", "words", "tags"),
    Step("align", "regions", "regions"),
    Step("retrieve", "masks", "retrieval"),
    Step("compose", "canvas", "canvas"),
    Step("synthesize", "picture", "image"),
)


def _names() -> dict[str, tuple[str, str]]:
    """What each stage is called, and what it does."""
    return {
        "tag": (escaped("rail.tag"), escaped("rail.tag_does")),
        "align": (escaped("rail.align"), escaped("rail.align_does")),
        "retrieve": (escaped("rail.retrieve"), escaped("rail.retrieve_does")),
        "compose": (escaped("rail.compose"), escaped("rail.compose_does")),
        "synthesize": (escaped("rail.synthesize"), escaped("rail.synthesize_does")),
    }


def rail(seconds: dict[str, float | None], running: str = "", note: str = "") -> str:
    """The five stages: those done with their time, the one under way, and a note beneath.

    A stage that the user did instead, such as painting the canvas, has no time: None.
    """
    items, names = [], _names()
    for step in STEPS:
        name, what = names[step.key]
        state = "done" if step.key in seconds else "running" if step.key == running else "waiting"
        took = seconds.get(step.key)
        time = "" if took is None else duration(took)
        time = text("rail.working") if step.key == running else time
        current = ' aria-current="step"' if step.key == running else ""
        items.append(
            f'<li class="{state}"{current}><a href="#{step.anchor}" title="{what}">'
            f"<b>{name}</b><span>{escape(time)}</span></a></li>"
        )
    return (
        f'<nav class="rail" aria-label="{escaped("rail.stages")}"><ol>{"".join(items)}</ol>'
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
    if seconds < 1:
        return text("rail.milliseconds", number=f"{seconds * 1000:.0f}")
    return text("rail.seconds", number=f"{seconds:.1f}")
