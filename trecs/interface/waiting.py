"""The queue of the page's events: bounded for each client, and without those nobody waits for."""

import asyncio
import html
import ipaddress
import logging
import math
import os
import time
from collections import Counter
from typing import Any

import fastapi
from gradio import queueing, route_utils
from gradio.block_function import BlockFunction
from gradio.blocks import Blocks
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio.exceptions import Error
from gradio.server_messages import EventMessage, ProcessCompletedMessage
from gradio.utils import get_upload_folder, run_coro_in_background

from trecs.interface.limits import Limits
from trecs.interface.listeners import Listeners
from trecs.interface.memory import trim
from trecs.interface.texts import text

SWEEP = 1.0  # seconds between two looks for events that nobody waits for
TRIMMED = 2  # looks between two times that memory is given back, where anything was done
LONGEST_WAIT = 600  # seconds that anybody is told to stay away
log = logging.getLogger(__name__)


class Waiting(queueing.Queue):
    """Gradio's queue, with places for everybody.

    Whoever finds none gets 429 with `Retry-After`, and a line that says when to come back.
    """

    def __init__(self, blocks: Blocks, limits: Limits) -> None:
        super().__init__(
            live_updates=True,
            concurrency_count=blocks.max_threads,
            update_intervals=1,
            max_size=None,  # `push` refuses before
            blocks=blocks,
            default_concurrency_limit=4,
        )
        self.limits = limits
        self.listeners = Listeners()
        self.ANALYTICS_MAX_EVENTS = 1  # nobody reads them
        self._since: dict[str, float] = {}  # of sessions with messages: when they were seen first
        self._single: set[str] = set()  # sessions of one call each, named as its event is

    def start(self) -> None:
        """Starts to process what waits, and to sweep."""
        super().start()
        run_coro_in_background(self._sweep_on)

    async def push(
        self, body: PredictBodyInternal, request: fastapi.Request, username: str | None
    ) -> Any:
        """Lets an event wait; raises HTTPException where there is no such event or no place."""
        self._check_places(body, request)
        try:
            fn = route_utils.get_fn(self.blocks, None, body)
        except (KeyError, TypeError) as error:
            raise fastapi.HTTPException(404, text("messages.no_event")) from error
        if fn.fn is None:  # the browser's alone
            raise fastapi.HTTPException(404, text("messages.no_event"))
        body.data = _arguments(fn, body.data)
        _check_files(body.data)
        single = body.session_hash is None
        pushed = await super().push(body, request, username)
        if single and body.session_hash is not None:
            self._single.add(body.session_hash)
        return pushed

    def compute_analytics_summary(self, records: Any) -> dict[str, Any]:
        """Nothing: Gradio would make a table of all events after each of them."""
        return {}

    def send_message(self, event: queueing.Event, event_message: EventMessage) -> None:
        """Sends a message; one that says nothing about an error says that there was one."""
        if isinstance(event_message, ProcessCompletedMessage) and not event_message.success:
            output = event_message.output
            told = output.get("error") or text("messages.unexpected")
            if event.fn.api_visibility == "public":  # whose clients show text, not markup
                told = html.unescape(told)
            event_message.output = {**output, "error": told}
        super().send_message(event, event_message)

    def seconds_to_wait(self) -> int:
        """About how long it takes until a place is free, from how long events took so far."""
        times = [time.process_time for time in self.process_time_per_fn.values()]
        counts = [time.count for time in self.process_time_per_fn.values()]
        mean = sum(times) / sum(counts) if sum(counts) else 1.0
        share = max(len(self) / 4, 1)  # a quarter of those before are done by then
        return min(max(math.ceil(mean * share / self.limits.workers), 1), LONGEST_WAIT)

    def owes(self, event_id: str) -> bool:
        """Whether an event is done whose answer nobody has fetched yet."""
        return any(event_id in ids for ids in self.pending_event_ids_session.values())

    def _check_places(self, body: PredictBodyInternal, request: fastapi.Request) -> None:
        limits, events = self.limits, list(self.event_ids_to_events.values())
        address, session = client(request), body.session_hash
        addresses = Counter(client(event.request) for event in events)
        sessions = Counter(event.session_hash for event in events)
        letters = sum(_letters(event.data) for event in events if event.data is not None)
        if len(self) >= limits.queue or letters + _letters(body) > limits.held:
            why = text("messages.busy", number=len(self))
        elif addresses[address] >= limits.places:
            why = text("messages.busy_address", number=addresses[address])
        elif session is not None and sessions[session] >= limits.session_places:
            why = text("messages.busy_page", number=sessions[session])
        else:
            return
        raise full(why, self.seconds_to_wait())

    async def _sweep_on(self) -> None:
        done = 0  # events, when memory was given back
        while not self.stopped:
            for _ in range(TRIMMED):
                await asyncio.sleep(SWEEP)
                try:
                    await self.sweep()
                except Exception:
                    log.exception("The queue could not be swept")
            if done != (done := self._done()):
                await asyncio.to_thread(trim)

    def _done(self) -> int:
        return sum(times.count for times in self.process_time_per_fn.values())

    async def sweep(self) -> None:
        """Drops events to which nobody has listened for a while, and answers not fetched."""
        patience, kept, now = self.limits.patience, self.limits.kept, time.monotonic()
        busy = set()
        for event in list(self.event_ids_to_events.values()):
            busy.add(event.session_hash)
            alone = self.listeners.alone_for(event.session_hash, event.enqueue_time)
            if event.alive and alone > patience:
                told = {"error": text("messages.dropped")}
                super().send_message(event, ProcessCompletedMessage(output=told, success=False))
                await self.clean_events(event_id=event._id)  # what runs ends after its stage
        sessions = {*self.pending_messages_per_session, *self.pending_event_ids_session} - busy
        self._since = {session: self._since.get(session, now) for session in sessions}
        for session, since in self._since.items():
            if self.listeners.alone_for(session, since) > kept:
                self.pending_messages_per_session.pop(session, None)
                self.pending_event_ids_session.pop(session, None)
        self.listeners.forget(max(patience, kept) + SWEEP)
        # Gradio keeps a copy of the page for each session, also for those that never come again.
        over = self._single - self.event_ids_to_events.keys()
        self._single -= over
        for session in over:
            self.blocks.state_holder.session_data.pop(session, None)
            self.blocks.state_holder.time_last_used.pop(session, None)


def full(why: str, seconds: int) -> fastapi.HTTPException:
    """The answer to whoever finds no place: 429, a line, and when to come back."""
    told = f"{why} {text('messages.again', count=seconds)}"
    return fastapi.HTTPException(429, told, {"Retry-After": str(seconds)})


def client(request: fastapi.Request) -> str:
    """The address whose requests count together: of IPv6 the network of one customer."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network(f"{host}/64", strict=False)) if address.version == 6 else host


def check_wanted() -> None:
    """Raises gr.Error, which nobody will see, where the client of the event in work has left."""
    blocks, event_id = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    if blocks is None or event_id is None:
        return
    event = blocks._queue.event_ids_to_events.get(event_id)
    if event is not None and not event.alive:
        raise Error(text("messages.left"), print_exception=False)


def _arguments(fn: BlockFunction, given: list[Any]) -> list[Any]:
    """An event's arguments; of the public ones, those left out are what their components say."""
    expected = fn.inputs
    if len(given) < len(expected) and fn.api_visibility == "public":
        given = [*given, *(block.value for block in expected[len(given) :])]
    if len(given) != len(expected) and not fn.cancels:
        names = ", ".join(str(getattr(block, "label", None) or "value") for block in expected)
        raise fastapi.HTTPException(
            400, f"'{fn.api_name}' takes {len(expected)} values ({names}); {len(given)} were given."
        )
    return given


def _check_files(values: Any) -> None:
    """Raises HTTPException for a file that was not uploaded; Gradio would fetch URLs, too."""
    if isinstance(values, dict):
        path = values.get("path")
        if "path" in values and path is not None and not _uploaded(path):
            raise fastapi.HTTPException(400, "Only files that were uploaded here can be used.")
    if isinstance(values, dict | list):
        for value in values.values() if isinstance(values, dict) else values:
            _check_files(value)


def _uploaded(path: Any) -> bool:
    if not isinstance(path, str) or "\0" in path:
        return False
    folder, found = os.path.realpath(get_upload_folder()), os.path.realpath(path)
    return found.startswith(folder + os.sep) and os.path.isfile(found)


def _letters(body: PredictBodyInternal) -> int:
    told = body.event_data
    values = [*body.data, *(told.values() if isinstance(told, dict) else ())]
    return sum(len(value) for value in values if isinstance(value, str))
