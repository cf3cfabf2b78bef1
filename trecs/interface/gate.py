"""What every request passes before Gradio sees it: known routes, bounded bodies, answers in words.

An ASGI middleware. Gradio has many routes that the page never asks for (screen recordings that go
through ffmpeg, a proxy, an editor of the app's own source); they are closed here.
"""

import logging
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import anyio
import anyio.to_thread
from gradio.route_utils import FnIndexInferError
from gradio.utils import get_upload_folder
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse

from trecs.interface.bodies import Refused, checked
from trecs.interface.limits import MB, Limits
from trecs.interface.messages import in_words
from trecs.interface.texts import text
from trecs.interface.waiting import Waiting

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API = "/gradio_api"
JSON_ROUTES = re.compile(rf"{API}/(queue/join|run/predict|call/(v2/)?[\w-]+)/?")
IMPORTS = re.compile(rf"{API}/component_server/?")  # what a component asks outside the queue
SMALL_ROUTES = re.compile(rf"{API}/(cancel|reset)/?")
UPLOAD = re.compile(rf"{API}/upload/?")
CLOSED = re.compile(
    rf"({API}/?)?/(proxy=|file=https?:|file=//|file/https?:|stream/|process_recording|vibe-|"
    r"undo-vibe-edit|run-history|runs|dev/|deep_link|monitoring|profiling|"
    r"custom_component|login(?!_check)|token).*",
    re.IGNORECASE,
)
STREAM = re.compile(rf"{API}/call/(?:v2/)?[\w-]+/(?P<event>\w+)")
NO_ENDPOINT = "There is no such endpoint; expected /compose or /align."
UNKNOWN = "There is no such request, or its answer was fetched already; ask again."
SMALL_WAIT = 2  # seconds after which to try again where too many bodies come at once
log = logging.getLogger(__name__)


class Gate:
    """The middleware; `waiting` is the page's queue, which learns from it who listens."""

    def __init__(self, app: App, waiting: Waiting, limits: Limits) -> None:
        self.app, self.waiting, self.limits = app, waiting, limits
        self._held = 0  # bytes of bodies that are being read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it with a line."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # there are no websockets
        began = False

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._passed(scope, receive, noting)
        except Exception as error:
            if began:
                raise
            answer = _answer(error)
            if answer.status_code >= 500:
                log.exception("%s %s failed", scope["method"], scope["path"])
            await answer(scope, receive, send)

    async def _passed(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if CLOSED.fullmatch(unquote(path)):
            raise Refused(404, "There is nothing here; the studio does not offer this route.")
        if method in ("GET", "HEAD"):
            with self._listening(scope):
                await self.app(scope, _bodiless(receive), send)
        elif method == "OPTIONS":
            await self.app(scope, _bodiless(receive), send)
        elif method != "POST":
            raise Refused(405, f"{method} is not taken here; expected GET or POST.")
        elif UPLOAD.fullmatch(path):
            _check_disk(self.limits.free_disk)
            limit = self.limits.upload
            _check_length(_length(scope), limit)
            await self.app(scope, _counted(receive, limit), send)
        elif JSON_ROUTES.fullmatch(path):
            async with self._body(scope, receive, self.limits.body) as body:
                check = partial(checked, body, self.limits, listed="/call/v2/" not in path)
                body = await anyio.to_thread.run_sync(check)
                try:
                    await self._given(body, scope, receive, send)
                except (TypeError, ValueError, KeyError) as error:
                    if "/call/v2/" not in path:
                        raise
                    if isinstance(error, KeyError):
                        raise Refused(404, NO_ENDPOINT) from error
                    # Gradio fits the names of arguments to those of the function there.
                    told = str(error).split(" Please")[0]
                    raise Refused(400, f"The arguments do not fit. {told}") from error
        elif IMPORTS.fullmatch(path):
            async with self._body(scope, receive, self.limits.imported) as body:
                body = await anyio.to_thread.run_sync(partial(checked, body, self.limits))
                try:
                    await self._given(body, scope, receive, send)
                except (TypeError, ValueError, KeyError) as error:  # no component, or no arguments
                    raise Refused(404, "No component of the page answers that.") from error
        elif SMALL_ROUTES.fullmatch(path):
            async with self._body(scope, receive, self.limits.small) as body:
                await self._given(checked(body, self.limits), scope, receive, send)
        else:
            raise Refused(404, "There is nothing to post to here.")

    def _listening(self, scope: Scope) -> Any:
        """Counts the stream of a session's answers, where the request is for one."""
        path = scope["path"].rstrip("/")
        session = None
        if path == f"{API}/queue/data":
            session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
            if session and session not in self.waiting.pending_messages_per_session:
                raise Refused(404, UNKNOWN)
        elif found := STREAM.fullmatch(path):
            event = self.waiting.event_ids_to_events.get(found["event"])
            session = event.session_hash if event is not None else None
            if event is None and not self.waiting.owes(found["event"]):
                raise Refused(404, UNKNOWN)
        return self.waiting.listeners.listening(session) if session else nullcontext()

    async def _given(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Gives the app a body that was read already."""
        told = False

        async def replay() -> MutableMapping[str, Any]:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        new = {b"content-length": str(len(body)).encode(), b"content-type": b"application/json"}
        headers = [(k, v) for k, v in scope["headers"] if k not in new]
        await self.app({**scope, "headers": [*headers, *new.items()]}, replay, send)

    @asynccontextmanager
    async def _body(self, scope: Scope, receive: Receive, limit: int) -> AsyncIterator[bytes]:
        """The whole body, whatever its head says of its length; counted while it is held."""
        _check_length(_length(scope), limit)
        parts: list[bytes] = []
        size = 0
        try:
            with anyio.fail_after(self.limits.reading):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400, "The body ended before it was whole.")
                    part, more = message.get("body", b""), message.get("more_body", False)
                    size += len(part)
                    self._held += len(part)
                    parts.append(part)
                    _check_length(size, limit)
                    if self._held > self.limits.held:
                        raise Refused(503, text("messages.too_many"), SMALL_WAIT)
            yield b"".join(parts)
        except TimeoutError:
            seconds = f"{self.limits.reading:.0f}"
            raise Refused(408, text("messages.too_slow", seconds=seconds)) from None
        finally:
            self._held -= size


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _check_length(size: int, limit: int) -> None:
    if size > limit:
        most = f"{limit // MB} MB" if limit >= MB else f"{limit // 2**10} kB"
        raise Refused(413, text("messages.too_large", most=most))


def _check_disk(free: int) -> None:
    folder = Path(get_upload_folder())
    if folder.is_dir() and shutil.disk_usage(folder).free < free:
        raise Refused(507, text("messages.upload_disk"))


def _counted(receive: Receive, limit: int) -> Receive:
    """Gradio deletes what it has of an upload where its parser's own exception ends it."""
    size = 0

    async def counting() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        try:
            _check_length(size, limit)
        except Refused as refused:
            raise MultiPartException(refused.told) from refused
        return message

    return counting


def _bodiless(receive: Receive) -> Receive:
    """Drops the body that a GET may have, part by part."""

    async def dropping() -> MutableMapping[str, Any]:
        message = await receive()
        return {**message, "body": b""} if message["type"] == "http.request" else message

    return dropping


def _answer(error: Exception) -> JSONResponse:
    if isinstance(error, Refused):
        status, told, wait = error.status, error.told, error.retry_after
    elif isinstance(error, FnIndexInferError):
        status, told, wait = 404, NO_ENDPOINT, None
    elif isinstance(error, HTTPException):
        status, told, wait = error.status_code, str(error.detail), None
    else:
        known = in_words(error)
        status, told, wait = (507 if known else 500), known or text("messages.unexpected"), None
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return JSONResponse({"detail": told, "error": told}, status, headers)
