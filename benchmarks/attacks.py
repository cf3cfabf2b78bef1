"""Attacks on files through the page's events, uploads, routes and the HTTP API.

    python -m benchmarks.attacks

Opens the page in this process, without networks, and sends what `hostile_files` has. Nothing
may be read that nobody uploaded, written outside the page's own folder, fetched from elsewhere,
run, left in memory, or answered with a traceback. Prints what went wrong and a count; exit code 1
for any.
"""

import gc
import http.server
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.hostile_files import MARK, SECRET, files, names, paths
from benchmarks.soak import resident
from files.errors import InputError
from trecs.interface.limits import Limits
from trecs.interface.models import Models
from trecs.interface.page import build
from trecs.interface.serving import opened, own_folder

LEFT = 150 * 2**10  # kB of memory that may be more afterwards: what is loaded when it is first used
SLOW = 30  # seconds for one attack
CLOSED = (
    *("proxy=http://127.0.0.1:9/", "stream/x/1/1/playlist-file", "runs", "vibe-code", "dev/reload"),
    *(
        "deep_link?session_hash=x",
        "custom_component/../../x/y/z",
        "run-history/buckets",
        "monitoring",
    ),
)


@dataclass
class Outcome:
    """How many attacks there were, and what is wrong about the answers."""

    count: int = 0
    wrong: list[str] = field(default_factory=list)


class Attacker:
    """Speaks to a page at `url`; `folder` has a secret, `canary` notes who fetches from it."""

    def __init__(self, url: str, folder: Path, canary: str) -> None:
        self.api, self.folder, self.canary = f"{url}/gradio_api", folder, canary
        self.http = httpx.Client(timeout=SLOW, headers={"Connection": "close"})
        config = self.http.get(f"{url}/config").json()
        ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
        (self.open,) = [
            event for event in config["dependencies"]
            if [ids["open-label-map"], "upload"] in event["targets"]
        ]  # fmt: skip
        self.events = config["dependencies"]
        self.outcome = Outcome()
        self.sessions = 0

    def run(self, only: int | None = None) -> Outcome:
        """All attacks, or the first so many of each kind."""
        own = own_folder()
        for name, content in list(files(self.folder).items())[:only]:
            self._try(f"file: {name}", lambda c=content: self._open(self._upload("x.png", c)))
        for name in names()[:only]:
            self._try(f"name: {name[:40]!r}", lambda n=name: self._upload(n, b"x").text)
        for path in paths(self.folder, own, self.canary)[:only]:
            self._try(f"opened: {path!r}", lambda p=path: self._event(self.open, [_file(p)]))
            self._try(f"fetched: {path!r}", lambda p=path: self._get(f"file={p}"))
            self._try(f"composed: {path!r}", lambda p=path: self._call("compose", [p, 0]))
        for route in CLOSED[:only]:
            self._try(f"route: {route}", lambda r=route: self._get(r) + self._post(r))
        for event in self.events[:only]:
            secret = _file(str(self.folder / "secret.txt"))
            data = [secret for _ in event["inputs"]]
            self._try(f"event {event['id']}", lambda e=event, d=data: self._event(e, d))
        return self.outcome

    def _try(self, name: str, attack: Any) -> None:
        self.outcome.count += 1
        began = time.monotonic()
        try:
            answer = attack()
        except httpx.HTTPError as error:
            answer = f"{type(error).__name__}: {error}"
            if isinstance(error, httpx.TimeoutException):
                self.outcome.wrong.append(f"{name}: no answer within {SLOW} seconds")
        except (httpx.InvalidURL, ValueError):
            return  # the client itself cannot send it
        for sign in (SECRET, "root:x:0:0", "Traceback", '{"error": null}'):
            if sign in answer:
                self.outcome.wrong.append(f"{name}: the answer has {sign!r}")
        if time.monotonic() - began > SLOW:
            self.outcome.wrong.append(f"{name}: took {time.monotonic() - began:.0f} seconds")

    def _upload(self, name: str, content: bytes) -> httpx.Response:
        return self.http.post(f"{self.api}/upload", files={"files": (name, content)})

    def _open(self, uploaded: httpx.Response) -> str:
        if uploaded.status_code != 200:
            return uploaded.text
        return self._event(self.open, [_file(uploaded.json()[0])])

    def _event(self, event: dict[str, Any], data: list[Any]) -> str:
        self.sessions += 1
        session = f"attack{self.sessions}"
        named = {"name": str(self.folder / "secret.txt"), "choice": data, "rank": data}
        body = {"fn_index": event["id"], "session_hash": session, "event_data": named, "data": data}
        body["trigger_id"] = event["targets"][0][0] if event["targets"] else None
        asked = self.http.post(f"{self.api}/queue/join", json=body)
        if asked.status_code != 200:
            return asked.text
        return asked.text + self._get(f"queue/data?session_hash={session}")

    def _call(self, name: str, data: list[Any]) -> str:
        asked = self.http.post(f"{self.api}/call/{name}", json={"data": data})
        if asked.status_code != 200:
            return asked.text
        return asked.text + self._get(f"call/{name}/{asked.json()['event_id']}")

    def _get(self, route: str) -> str:
        return self.http.get(f"{self.api}/{route}").text

    def _post(self, route: str) -> str:
        return self.http.post(f"{self.api}/{route}", json={"code": SECRET[::-1]}).text


def attacked(only: int | None = None) -> Outcome:
    """Opens the page and attacks it; `only` the first so many attacks of each kind."""

    def load() -> Any:
        raise InputError("There are no networks here.")

    with tempfile.TemporaryDirectory() as there, _canary() as (canary, fetched), _ghost(there):
        folder = Path(there)
        (folder / "secret.txt").write_text(SECRET)
        page = build(Models(load))
        url = opened(page, "127.0.0.1", None, limits=Limits(places=1_000), quiet=True)
        try:
            attacker = Attacker(url, folder, canary)
            attacker.run(1)  # what is loaded once is loaded now
            attacker.outcome = Outcome()
            watched = (folder, Path.cwd(), Path.cwd().parent, own_folder().parent, Path.home())
            before, memory = (
                {place: set(os.listdir(place)) for place in watched},
                resident(os.getpid()),
            )
            outcome = attacker.run(only)
            for place, there_before in before.items():
                for new in set(os.listdir(place)) - there_before:
                    if MARK in new:
                        outcome.wrong.append(f"'{place / new}' was written")
            if fetched:
                outcome.wrong.append(f"{len(fetched)} requests were sent: {fetched[:3]}")
            gc.collect()
            if resident(os.getpid()) - memory > LEFT:
                outcome.wrong.append(
                    f"{(resident(os.getpid()) - memory) / 1024:.0f} MB are left in memory"
                )
            return outcome
        finally:
            page.close(verbose=False)


@contextmanager
def _ghost(folder: str) -> Iterator[None]:
    """A Ghostscript that leaves a mark, first in the path."""
    fake = Path(folder) / "gs"
    fake.write_text(f"#!/bin/sh\ntouch {folder}/{MARK}-gs\n")
    fake.chmod(0o755)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}:{path}"
    try:
        yield
    finally:
        os.environ["PATH"] = path


@contextmanager
def _canary() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that should be asked for nothing, and what it was asked for."""
    fetched: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/x.png", fetched
    finally:
        server.shutdown()
        server.server_close()


def _file(path: Any) -> dict[str, Any]:
    return {"path": path, "url": path, "orig_name": "x.png", "meta": {"_type": "gradio.FileData"}}


def main() -> int:
    outcome = attacked()
    for wrong in outcome.wrong:
        print(wrong)
    print(f"{outcome.count} attacks, {len(outcome.wrong)} of them with something wrong")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
