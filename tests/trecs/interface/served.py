"""A page without networks behind the studio's own queue and gate, at an address of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import gradio as gr
import httpx

from trecs.interface.limits import Limits
from trecs.interface.serving import opened, own_folder, queued
from trecs.interface.waiting import Waiting, check_wanted


@dataclass
class Served:
    """`/echo` and `/stages` wait for `go` and give their text back; `done`: the texts."""

    address: str = ""
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    done: list[str] = field(default_factory=list)
    page: gr.Blocks | None = None

    @property
    def waiting(self) -> Waiting:
        assert self.page is not None
        assert isinstance(self.page._queue, Waiting)
        return self.page._queue

    def post(self, name: str, *data: object, address: str = "") -> httpx.Response:
        """Asks for an event, without listening for the answer."""
        url = f"{self.address}/gradio_api/call/{name}"
        headers = {"X-Forwarded-For": address} if address else {}
        return httpx.post(url, json={"data": list(data)}, headers=headers, timeout=30)

    def answer(self, name: str, event: str) -> str:
        """What the event's stream says, to its end."""
        return httpx.get(f"{self.address}/gradio_api/call/{name}/{event}", timeout=60).text


@contextmanager
def served(limits: Limits, proxy: str = "") -> Iterator[Served]:
    """Opens the page on a free port, and closes it."""
    own_folder()
    it = Served()

    def echo(text: str) -> str:
        it.begun.set()
        it.go.wait(30)
        it.done.append(text)
        return text

    def stages(text: str) -> str:
        it.begun.set()
        it.go.wait(30)
        check_wanted()
        it.done.append(text)
        return text

    def broken(text: str) -> str:
        raise ZeroDivisionError(text)

    with gr.Blocks() as page:
        text, button = gr.Textbox(label="text"), gr.Button()
        for function in (echo, stages, broken):
            settings = {"concurrency_id": "models", "concurrency_limit": limits.workers}
            button.click(function, text, text, api_name=function.__name__, **settings)
    it.page = queued(page, limits)
    it.address = opened(page, "127.0.0.1", None, limits=limits, proxy=proxy, quiet=True)
    try:
        yield it
    finally:
        it.go.set()
        page.close(verbose=False)
