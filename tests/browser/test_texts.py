"""The pages in a made-up language of which each text stands in brackets: all that is shown does."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from segmentation.labels import NAMES
from tests.browser import steps
from tests.browser.conftest import Server, _visits
from tests.trecs.evaluation.test_study import folder  # noqa: F401
from trecs.exchange import FORMATS
from trecs.interface.examples import examples
from trecs.interface.texts import ENGLISH
from trecs.systems import registry

SAID = "two zebras on the grass, and a violin"
SYSTEMS = registry.cards().values()
GIVEN = {  # what is no text of the page: names, what somebody said, and a system's note of it
    *NAMES,
    "Words that it does not know: violin.",
    *(one.title for one in examples()),
    *(known.title for known in FORMATS.values()),
    *(name for one in SYSTEMS for name in (one.name, one.short)),
}
# Gradio's own words, a button that nobody sees, what cards and the library tell.
ELSEWHERE = "script, style, footer, .sr-only, #zip, .timeline, .bad li"
ATTRIBUTES = ("title", "aria-label", "alt", "placeholder")
SEEN = """([elsewhere, attributes]) => {
    const told = [];
    const every = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (every.nextNode()) {
        const { data, parentElement } = every.currentNode;
        if (!parentElement.closest(elsewhere)) told.push(data);
    }
    const named = [];
    for (const item of document.querySelectorAll(attributes.map((name) => `[${name}]`).join())) {
        if (item.closest(elsewhere)) continue;
        for (const name of attributes) named.push(item.getAttribute(name) ?? "");
    }
    return [told, named];
}"""


def bracketed() -> str:
    """A file of texts, each of them in brackets."""
    tables: dict[str, list[str]] = {}
    for key, entry in ENGLISH.entries.items():
        table, name = key.split(".")
        forms = {"": entry} if isinstance(entry, str) else dict(entry)
        quoted = {form: '"' + f"[{one}]".replace('"', '\\"') + '"' for form, one in forms.items()}
        told = quoted.get("") or f"{{one = {quoted['one']}, other = {quoted['other']}}}"
        tables.setdefault(table, []).append(f"{name} = {told}")
    parts = [f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items()]
    return 'language = "de"\n' + "\n".join(parts)


def outside(pieces: list[str]) -> list[str]:
    """What stands in no brackets, of pieces in the order of the page."""
    depth, told = 0, []
    for piece in pieces:
        bare = ""
        for letter in piece:
            depth += (letter == "[") - (letter == "]")
            bare += letter if depth == 0 and letter != "]" else "\n"
        told += [one.strip() for one in re.split(r"[\n,]|(?<![\w-])\d+%?(?!\w)", bare)]
    assert depth == 0
    return [one for one in told if re.search("[A-Za-z]", one)]


def forgotten(page: Page) -> set[str]:
    """What the page shows that is neither a text of it nor given."""
    told, named = page.evaluate(SEEN, [ELSEWHERE, ATTRIBUTES])
    bare = (*outside(told), *outside(named))
    return {one for one in bare if one not in GIVEN and one not in SAID}


def expect_texts(page: Page, *others: str) -> None:
    """Waits until the page shows texts alone, and these `others`."""
    try:
        steps.eventually(lambda: forgotten(page), set(others))
    except AssertionError:
        pytest.fail(f"Not of the language: {sorted(forgotten(page))}")


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "bracketed.toml"
    path.write_text(bracketed(), "utf-8")
    return path


@contextmanager
def served(work: Path, *command: str) -> Iterator[str]:
    """The address of a page that is started so."""
    server = Server(work, *command, "--port", TRECS_HOME=str(work))
    try:
        server.start()
        yield server.address
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def translated(language: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    work = tmp_path_factory.mktemp("translated")
    with served(work, "app.py", "--add-photos", "--texts", str(language)) as address:
        yield address


@pytest.fixture
def visit_translated(translated: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    yield from _visits(translated, browser)


def test_every_text_of_the_studio_is_of_the_language(
    visit_translated: Callable[..., Page],
) -> None:
    page = visit_translated(reduced_motion="reduce")
    steps.eventually(lambda: page.evaluate("document.documentElement.lang"), "de")
    expect(page).to_have_title("[TReCS Studio]")
    expect(page.locator("#compose")).to_have_text("[Compose]")
    expect_texts(page)

    page.locator(".tc-live").click()
    page.locator(".tc-text").fill(SAID)
    steps.loop(page, 0.5, 0.55, 0.2)
    page.locator("#compose").click()
    steps.next_picture(page, "")
    expect(page.locator(".tc-asks li")).to_have_text(re.compile(r"^\[No label for “violin”; \[pi"))
    page.locator(".words .word").first.hover()
    expect_texts(page)

    page.locator(".tc-mark").first.click()
    page.locator(".tc-word").nth(1).click()
    expect(page.locator(".tc-status")).to_have_text("[Bound to “zebras”.]")
    page.locator("[data-tool=move]").first.click()
    page.locator(".le-canvas").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".le-chosen").first).to_have_text(
        re.compile(r"^\[\w.* chosen, \d of \d\]$")
    )
    page.locator(".lp-search").first.focus()
    page.locator("[data-copy=link]").click()
    expect(page.locator(".share p")).to_have_text(re.compile(r"^\[.*\]$"))
    page.keyboard.press("?")
    expect(page.locator(".keys-list")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#compare").click()
    expect(page.locator(".sides label").first).to_contain_text("[Left]")
    expect(page.locator(".gallery")).not_to_contain_text("[not drawn yet]")
    expect_texts(page)

    page.reload()
    expect(page.locator(".draft p")).to_have_text(re.compile(r"^\[.*\]$"))
    expect_texts(page)


def test_every_text_of_the_browsing_page(browser: Browser, language: Path, tmp_path: Path) -> None:
    narratives = tmp_path / "zebras.jsonl"
    narratives.write_text(json.dumps({"caption": SAID}) + "\n{", "utf-8")
    command = ("-m", "trecs", "browse", str(narratives), "--texts", str(language))
    with served(tmp_path, *command) as address:
        page = browser.new_page()
        page.goto(address)
        steps.eventually(lambda: page.evaluate("document.documentElement.lang"), "de")
        page.locator(".bad summary").click()
        page.locator("#draw").click()
        expect(page.locator("#detail-panel figure img")).to_have_count(2)
        expect_texts(page, "line")  # 1, as the narrative is named
        page.close()


def test_every_text_of_the_study(
    browser: Browser,
    language: Path,
    tmp_path: Path,
    folder: Path,  # noqa: F811
) -> None:
    command = ("-m", "trecs", "evaluate", "--study", str(folder), "--texts", str(language))
    with served(tmp_path, *command) as address:
        page = browser.new_page()
        page.goto(address)
        steps.eventually(lambda: page.evaluate("document.documentElement.lang"), "de")
        page.locator("#participant textarea, #participant input").fill("Ada")
        page.locator("#start").click()
        expect(page.locator("#question h2")).to_have_text(re.compile(r"^\[Which .*\?\]$"))
        page.locator("#left").click()
        expect(page.locator("#question h2")).to_contain_text("[Which picture fits")
        expect_texts(page, "A dog on the grass")
        page.close()


def test_it_would_find_what_was_forgotten(visit_translated: Callable[..., Page]) -> None:
    page = visit_translated(reduced_motion="reduce")
    page.evaluate("document.querySelector('.tc-undo').title = 'Undo'")
    page.evaluate("document.querySelector('.tc-redo span').textContent = 'Redo'")
    expect_texts(page, "Undo", "Redo")
