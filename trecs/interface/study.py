"""The page of the human study: two pictures, no names, two questions."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from files.pictures import read_rgb
from trecs.evaluation.run_folder import Key
from trecs.evaluation.study import QUESTIONS, Answer, Study, Trial, preferences, table
from trecs.interface.limits import Limits
from trecs.interface.look import look
from trecs.interface.serving import check_address, opened, own_folder
from trecs.interface.texts import escaped, filled, text

LONGEST_NAME = 60
_TITLE = """
<header class="title-block">
  <h1>{study.title}</h1>
  <p>{study.what}</p>
</header>
"""
_LARGE = "#left-picture img, #right-picture img { width: min(100%, 512px); height: auto; }"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Session:
    """Where a participant is: what is left to ask, the next first."""

    participant: str = ""
    asked: int = 0
    left: tuple[tuple[Trial, str], ...] = ()

    @staticmethod
    def of(study: Study, participant: str, pairs: int) -> "Session":
        """All questions about a participant's pairs but those that were answered before."""
        done = {(a.trial, a.question) for a in study.answers.all() if a.participant == participant}
        every = [(t, q) for t in study.trials(participant, pairs) for q in QUESTIONS]
        left = tuple(one for one in every if one not in done)
        return Session(participant, len(every), left)


def build(study: Study, pairs: int) -> gr.Blocks:
    """The page; each participant sees so many `pairs`. `launch` it with `look()`."""
    with gr.Blocks(title=text("study.title")) as page:
        session = gr.State(Session())
        gr.HTML(filled(_TITLE), apply_default_css=False)
        with gr.Column() as welcome:
            name = gr.Textbox(
                label=text("study.name"),
                max_length=LONGEST_NAME,
                elem_id="participant",
            )
            start = gr.Button(text("study.start"), variant="primary", elem_id="start")
        with gr.Column(visible=False) as trial:
            question = gr.HTML(elem_id="question")
            with gr.Row():
                pictures = [
                    gr.Image(
                        format="png",
                        interactive=False,
                        show_label=False,
                        buttons=[],
                        elem_id=side,
                    )
                    for side in ("left-picture", "right-picture")
                ]
            with gr.Row():
                sides = [
                    gr.Button(name, variant="primary", elem_id=side)
                    for side, name in (("left", text("study.left")), ("right", text("study.right")))
                ]
        end = gr.HTML(f"<p>{escaped('study.end')}</p>", visible=False, elem_id="end")
        shown = [session, welcome, trial, end, question, *pictures]

        def show(now: Session) -> list[Any]:
            if not now.left:
                there = [gr.Column(visible=False)] * 2 + [gr.HTML(visible=True)]
                return [now, *there, gr.skip(), gr.skip(), gr.skip()]
            (pair, asked), *_ = now.left
            told = _asked(study, now, pair, asked)
            there = [gr.Column(visible=False), gr.Column(visible=True), gr.HTML(visible=False)]
            return [now, *there, told, *_pixels(study, pair)]

        def begin(participant: str) -> list[Any]:
            known = " ".join(participant.split())[:LONGEST_NAME]
            if not known:
                raise gr.Error(text("study.no_name"), print_exception=False)
            return show(Session.of(study, known, pairs))

        def answer(now: Session, side: str) -> list[Any]:
            if now.left:
                (pair, asked), *rest = now.left
                chosen = pair.left if side == "left" else pair.right
                study.answers.add(Answer(now.participant, pair, asked, chosen))
                now = replace(now, left=tuple(rest))
            return show(now)

        gr.on([start.click, name.submit], begin, name, shown, **_PRIVATE)
        for button, side in zip(sides, ("left", "right"), strict=True):
            button.click(
                lambda now, side=side: answer(now, side),
                session,
                shown,
                trigger_mode="once",
                **_PRIVATE,
            )
    return page


def open_study(folder: Path, pairs: int, host: str, port: int, *, report: bool) -> int:
    """Opens the page until it is interrupted, then prints the win rates; `report`: only these.

    Raises InputError where the folder is no evaluation, or nothing can listen there.
    """
    study = Study(folder)
    if not report:
        check_address(host, port)
        own_folder()
        page, looks, limits = build(study, pairs), look(), Limits()
        looks |= {"css": looks["css"] + _LARGE, "footer_links": []}
        opened(page, host, port, limits=limits, **looks)
        page.block_thread()
    print(table(preferences(study.answers.all())))
    return 0


def _asked(study: Study, now: Session, trial: Trial, question: str) -> str:
    """The question; the description only where it is about that, so as not to sway the other."""
    done = now.asked - len(now.left) + 1
    progress = escaped("study.progress", number=done, most=now.asked)
    words = {"realism": escaped("study.realism"), "match": escaped("study.match")}
    told = f"<p>{progress}</p><h2>{words[question]}</h2>"
    if question == "match":
        told += f"<blockquote>{html.escape(study.captions[trial.pair.case])}</blockquote>"
    return told


def _pixels(study: Study, trial: Trial) -> Iterator[np.ndarray]:
    """Both pictures as pixels: their files' names would tell the systems."""
    for system in (trial.left, trial.right):
        key = Key(system, trial.pair.case, trial.pair.take)
        yield np.array(read_rgb(study.run.picture(key)))
