"""Many clients at once: is any answer lost or another's, does memory grow, how long do they wait?

    python -m benchmarks.soak [--clients 32] [--minutes 10] [-- arguments of app.py]

Starts `app.py` on a free port, where it believes 127.0.0.1 as a proxy.
Half of the clients speak to `/compose`, half as the page does. Each has an address of its own, says
in every call a word and a seed that no other has, and checks its answer for them.
Exit code 1 where an answer was lost, mixed up, or refused without a time to come back.
"""

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
THINGS = ("dog", "horse", "zebra", "car", "boat", "cat", "cow", "man")
MARK = re.compile(r"mark\d+n\d+")
LONGEST_WAIT = 600  # seconds for one answer


@dataclass
class Tally:
    """What all clients saw; `problems` are lost or mixed answers and wrong refusals."""

    answered: list[float] = field(default_factory=list)  # seconds from the first try on
    refused: int = 0
    problems: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)  # seconds, kB
    began: float = field(default_factory=time.monotonic)


class Client:
    """One client; `page` for one that speaks as the page does, else to `/compose`."""

    def __init__(self, url: str, number: int, tally: Tally, *, page: bool) -> None:
        self.api, self.number, self.tally, self.page = f"{url}/gradio_api", number, tally, page
        address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
        self.http = httpx.Client(headers={"X-Forwarded-For": address}, timeout=LONGEST_WAIT)
        self.event = _compose_event(self.http.get(f"{url}/config").json()) if page else {}

    def ask(self, call: int) -> None:
        """Asks once, coming back when told to, and checks the answer."""
        mark, seed = f"mark{self.number}n{call}", self.number * 1000 + call
        thing = THINGS[(self.number + call) % len(THINGS)]
        told = json.dumps({"caption": f"a {thing} on the grass {mark} under a blue sky"})
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_WAIT:
            session = f"soak{self.number}"
            body, route = self._question(told, seed, session)
            asked = self.http.post(f"{self.api}/{route}", json=body)
            if asked.status_code != 200:
                self.tally.refused += 1
                words, wait = asked.text, asked.headers.get("retry-after", "")
                if asked.status_code not in (429, 503) or not wait or "Try again" not in words:
                    self._complain(f"{mark}: refused with {asked.status_code}, {words[:120]}")
                    return
                time.sleep(int(wait))
                continue
            event = asked.json()["event_id"]
            stream = f"queue/data?session_hash={session}" if self.page else f"{route}/{event}"
            answer = self.http.get(f"{self.api}/{stream}").text
            self._check(answer, mark, seed)
            self.tally.answered.append(time.monotonic() - began)
            return
        self._complain(f"{mark}: no place within {LONGEST_WAIT} seconds")

    def _question(self, told: str, seed: int, session: str) -> tuple[dict[str, Any], str]:
        if not self.page:
            return {"data": [told, seed]}, "call/compose"
        return {**self.event, "data": [told, seed], "session_hash": session}, "queue/join"

    def _check(self, answer: str, mark: str, seed: int) -> None:
        shown = f"seed {seed}" if self.page else f'"seed": {seed}'
        if set(MARK.findall(answer)) != {mark}:
            self._complain(f"{mark}: words of {set(MARK.findall(answer)) or answer[-200:]}")
        elif shown not in answer:
            self._complain(f"{mark}: no picture of seed {seed}: {answer[-200:]}")

    def _complain(self, problem: str) -> None:
        self.tally.problems.append(problem)


def soak(url: str, clients: int, seconds: float, process: int, calls: int | None = None) -> Tally:
    """Lets so many clients ask for so long, or so many `calls` each; `process` is the server's."""
    tally = Tally()
    over = threading.Event()

    def run(client: Client) -> None:
        call = 0
        while not over.is_set() and (calls is None or call < calls):
            try:
                client.ask(call)
            except Exception as error:
                tally.problems.append(f"client {client.number}: {type(error).__name__}: {error}")
            call += 1

    everyone = [Client(url, n, tally, page=bool(n % 2)) for n in range(clients)]
    threads = [threading.Thread(target=run, args=(client,), daemon=True) for client in everyone]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        passed = time.monotonic() - tally.began
        tally.memory.append((passed, resident(process)))
        if passed > seconds:
            over.set()
        time.sleep(1)
    return tally


def resident(process: int) -> int:
    """The memory of a process in kB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


def report(tally: Tally) -> str:
    """A Markdown table."""
    passed = time.monotonic() - tally.began
    waits = sorted(tally.answered) or [float("nan")]
    p95 = waits[min(int(len(waits) * 0.95), len(waits) - 1)]
    minutes = defaultdict[int, list[int]](list)
    for second, kb in tally.memory:
        minutes[int(second // 60)].append(kb // 1024)
    medians = [int(statistics.median(megabytes)) for megabytes in minutes.values()]
    after_first = medians[1:] or medians
    rows = {
        "answered": f"{len(tally.answered)} in {passed:.0f} s",
        "a minute": f"{60 * len(tally.answered) / passed:.1f}",
        "wait, median / p95": f"{statistics.median(waits):.1f} s / {p95:.1f} s",
        "refused, told when to come back": str(tally.refused),
        "lost, mixed up, or refused otherwise": str(len(tally.problems)),
        "memory, median of the second minute / of the largest later one": f"{after_first[0]} MB / "
        f"{max(after_first)} MB ({max(after_first) / after_first[0] - 1:+.1%})",
        "memory, median of each minute, MB": ", ".join(map(str, medians)),
        "memory at its most, while a picture is drawn": f"{max(map(max, minutes.values()))} MB",
    }
    return "\n".join(["| | |", "| --- | --- |", *(f"| {k} | {v} |" for k, v in rows.items())])


def _compose_event(config: dict[str, Any]) -> dict[str, Any]:
    """What the page sends for the Compose button, without its data."""
    (button,) = [c["id"] for c in config["components"] if c["props"].get("elem_id") == "compose"]
    (event,) = [d for d in config["dependencies"] if [button, "click"] in d["targets"]]
    return {"fn_index": event["id"], "trigger_id": button}


@contextmanager
def started(arguments: list[str]) -> Iterator[tuple[str, int]]:
    """`app.py` with its networks loaded: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--proxy", "127.0.0.1", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(url, timeout=30)
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        Client(url, 0, Tally(), page=False).ask(999)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("arguments", nargs="*", help="of app.py, after --")
    args = parser.parse_args()
    with started(args.arguments) as (url, process):
        tally = soak(url, args.clients, args.minutes * 60, process)
    print(report(tally))
    for problem in tally.problems[:20]:
        print(problem)
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
