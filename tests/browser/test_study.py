"""The study's page, as a participant sees it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, ROOT
from tests.trecs.evaluation.test_study import folder  # noqa: F401
from trecs.evaluation.study import Study


@pytest.fixture
def address(folder: Path) -> Iterator[str]:  # noqa: F811
    """The page of a study of three systems, started as a user starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "trecs", "evaluate", "--study", str(folder), "--pairs", "2"]
    process = subprocess.Popen(
        [*command, "--port", port], cwd=ROOT, env={**os.environ, "GRADIO_TEMP_DIR": str(folder)}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail("The study did not start.")
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def begin(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("#participant textarea, #participant input").fill(name)
    page.locator("#start").click()
    return page


def test_two_questions_a_pair_and_on_where_one_stopped(
    browser: Browser,
    address: str,
    folder: Path,  # noqa: F811
) -> None:
    page = begin(browser, address, "Anna")
    question = page.locator("#question")
    expect(question).to_contain_text("1 of 4")
    expect(question).to_contain_text("more like a photo")
    assert "grass" not in question.inner_text()  # the description must not sway this one
    sources = [page.locator(f"#{side}-picture img").get_attribute("src") for side in SIDES]
    assert not any(name in str(sources) for name in ("traced", "predicted", "retrieval"))
    page.locator("#left").click()
    expect(question).to_contain_text("2 of 4")
    expect(question).to_contain_text("A dog on the grass")
    page.locator("#right").click()
    expect(question).to_contain_text("3 of 4")
    page.close()

    page = begin(browser, address, " Anna ")
    expect(page.locator("#question")).to_contain_text("3 of 4")
    for side in SIDES:
        page.locator(f"#{side}").click()
        page.wait_for_timeout(400)
    expect(page.locator("#end")).to_be_visible()
    page.close()

    study = Study(folder)
    answers, trials = study.answers.all(), study.trials("Anna", 2)
    assert [(a.trial, a.question) for a in answers] == [
        (trial, question) for trial in trials for question in ("realism", "match")
    ]
    assert [a.chosen == a.trial.left for a in answers] == [True, False, True, False]


SIDES = ("left", "right")
