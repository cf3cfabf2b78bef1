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
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.trecs.systems.attngan.tiny import tiny_attngan

ROOT = Path(__file__).parents[2]
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()
PATIENCE = 90_000  # ms for what waits for the networks; a busy machine is slow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the studio, started as a user starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("studio") / "log"
    # Where no AttnGAN comes with the studio, it finds this one among the imported parts.
    tiny_attngan().save(log.parent / "weights" / "attngan")
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "GRADIO_TEMP_DIR": str(log.parent / "gradio"),
        "TRECS_HOME": str(log.parent),
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The studio did not start:\n{log.read_text()}")
                time.sleep(0.2)
        yield address
        assert "Traceback" not in log.read_text()
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Headless Chromium that asks nobody for anything."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def visit(studio: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the studio in a fresh profile; afterwards nothing may have gone wrong there."""
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
        page.wait_for_selector(".tc-canvas")
        page.wait_for_selector(".le-legend", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def _errors(told: ConsoleMessage) -> list[str]:
    return [f"console: {told.text}"] if told.type == "error" else []


def _foreign(url: str, studio: str) -> list[str]:
    return [] if url.startswith((studio, "data:", "blob:")) else [f"request to {url}"]
