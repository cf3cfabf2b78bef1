"""The real studio on a free port, and a browser that notes what should not happen."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.trecs.systems.attngan.tiny import tiny_attngan

ROOT = Path(__file__).parents[2]
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
WITHOUT_NETWORKS = """
import sys
from trecs.interface.look import look
from trecs.interface.models import Models
from trecs.interface.page import build

build(Models(lambda: None)).launch(server_port=int(sys.argv[1]), **look())
"""
# Times slower that the pages are made: tests that pass by luck fail then.
SLOWER = float(os.environ.get("TRECS_SLOWER_BROWSER", "1"))
STARTED = 240  # seconds; usually it is eight
PATIENCE = 90_000  # ms for what waits for the networks; a busy machine is slow
# What the console says when a page is left while Gradio's stream of events is on its way.
LEFT = "BodyStreamBuffer was aborted"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what drives a browser: a test that fails runs once more, and the summary says so."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


class Server:
    """A page in a process of its own, on one port for all its starts.

    `work` is for its log and files, `folder` where it is started.
    """

    def __init__(self, work: Path, *command: str, folder: Path = ROOT, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = work / "log"
        self._folder = folder
        self._command = [sys.executable, *command, str(self.port)]
        gradio = {"GRADIO_TEMP_DIR": str(work / "gradio"), "HF_HUB_OFFLINE": "1"}
        self._environment = {**os.environ, **gradio, **environment}

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with self.log.open("a") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + STARTED
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"The studio did not start:\n{self.log.read_text()}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the studio, started as a user starts it."""
    folder = tmp_path_factory.mktemp("studio")
    # Where no AttnGAN comes with the studio, it finds this one among the imported parts.
    tiny_attngan().save(folder / "weights" / "attngan")
    yield from _served(folder, "--no-add-photos")


@pytest.fixture(scope="module")
def own_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The studio of somebody who may add photos to a library."""
    yield from _served(tmp_path_factory.mktemp("own"), "--add-photos")


def _served(folder: Path, switch: str) -> Iterator[str]:
    server = Server(folder, "app.py", switch, "--port", TRECS_HOME=str(folder))
    try:
        server.start()
        yield server.address
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page without networks: it is up soon, and nothing is composed there."""
    server = Server(tmp_path_factory.mktemp("alone"), "-c", WITHOUT_NETWORKS)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Headless Chromium that asks nobody for anything."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        if SLOWER > 1:
            _slow(started)
        yield started
        started.close()


def _slow(browser: Browser) -> None:
    """Makes all its pages slow, as a laptop under load with a server far away."""
    new_context = browser.new_context

    def slow_page(page: Page) -> None:
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        far = {"latency": 50 * SLOWER, "downloadThroughput": -1, "uploadThroughput": -1}
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **far})

    def slow_context(**settings: Any) -> BrowserContext:
        context = new_context(**settings)
        context.on("page", slow_page)
        return context

    browser.new_context = slow_context  # type: ignore[method-assign]


@pytest.fixture
def visit(studio: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the studio in a fresh profile; afterwards nothing may have gone wrong there."""
    yield from _visits(studio, browser)


@pytest.fixture
def visit_own(own_studio: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """The same with the studio that photos are added to."""
    yield from _visits(own_studio, browser)


@pytest.fixture
def visit_alone(alone: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """The same with the page without networks."""
    yield from _visits(alone.address, browser)


def _visits(studio: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    wrong: list[str] = []
    contexts = []

    def open_page(**settings: Any) -> Page:
        settings = {"viewport": {"width": 1400, "height": 1000}, **settings}
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda told: wrong.extend(_errors(told)))
        page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
        page.on("request", lambda request: wrong.extend(_foreign(request.url, studio)))
        page.goto(studio)
        ready(page)
        return page

    yield open_page
    before = list(wrong)  # closing ends what is still on its way, which the console calls an error
    for context in contexts:
        context.close()
    assert not before


def ready(page: Page) -> None:
    """Waits until the page has its scripts."""
    page.wait_for_selector(".tc-canvas")
    page.wait_for_selector(".le-legend", state="attached")


def _errors(told: ConsoleMessage) -> list[str]:
    return [f"console: {told.text}"] if told.type == "error" and LEFT not in told.text else []


def _foreign(url: str, studio: str) -> list[str]:
    return [] if url.startswith((studio, "data:", "blob:")) else [f"request to {url}"]
