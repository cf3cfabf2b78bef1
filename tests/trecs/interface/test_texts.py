"""The texts of the pages, and another language in their place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit

from files.errors import InputError
from trecs.interface import texts
from trecs.interface.texts import ENGLISH, FILE, Texts, escaped, filled, listed, markup, text


@pytest.fixture(autouse=True)
def afterwards_english() -> Iterator[None]:
    yield
    texts.speak(None)


def written(folder: Path, content: str) -> Path:
    path = folder / "de.toml"
    path.write_text(content, "utf-8")
    return path


def test_placeholders_are_filled() -> None:
    assert text("canvas.chosen", label="{cow}", number=2, most=3) == "{cow} chosen, 2 of 3"


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 regions in 1 s."), (1, "1 region in 1 s."), (2, "2 regions in 1 s.")]
)
def test_what_is_counted_is_one_or_other(count: int, told: str) -> None:
    assert text("trace.done", count=count, time="1 s") == told


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("trace.cler", {}),
        ("trace.done", {"time": "1 s"}),
        ("canvas.chosen", {"label": "cow", "number": 2}),
        ("trace.clear", {"number": 2}),
    ],
)
def test_what_is_missing_or_unknown_is_never_a_blank(key: str, values: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        text(key, **values)


def test_html_stays_html_and_texts_stay_texts(tmp_path: Path) -> None:
    path = written(tmp_path, '[words]\nlacking = "<{noun}> & {pick}"\npick = "$ {1 <\'{{`"')
    texts.speak(path)
    assert markup("words.lacking", noun="<b>\\1</b>", pick="<i>") == "&lt;<b>\\1</b>&gt; &amp; <i>"
    assert escaped("words.pick") == "$ {1 &lt;&#x27;{{`"
    told = filled('<p title="{words.pick}">{words} {width}</p>')  # Gradio would fill what is left
    assert told == '<p title="&#36; &#123;1 &lt;&#x27;&#123;&#123;&#96;">{words} {width}</p>'


def test_items_stand_in_a_row() -> None:
    assert listed("layers.and", []) == ""
    assert listed("layers.and", ["a.png"]) == "a.png"
    assert listed("layers.and", ["a.png", "b.json", "c"]) == "a.png and b.json and c"


def test_another_language_has_its_own_texts_and_english_ones_where_it_has_none(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        'language = "de"\n[trace]\nclear = "Leeren"\n'
        'done = {one = "Eine Region ({time}).", other = "{count} Regionen ({time})."}',
    )
    texts.speak(path)
    assert (texts.language(), text("trace.clear"), text("trace.stop")) == ("de", "Leeren", "Stop")
    assert text("trace.done", count=1, time="2 s") == "Eine Region (2 s)."
    assert text("trace.done", count=3, time="2 s") == "3 Regionen (2 s)."
    texts.speak(None)
    assert (texts.language(), text("trace.clear")) == ("en", "Clear")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[trace]\ncler = 'x'\n[masks]\nb = 'y'", "has 'masks.b' and 1 more, which texts.toml"),
        ("[canvas]\nchosen = '{label}, {number}'", "of 'canvas.chosen' .*: {label}, {most}, {num"),
        ("[trace]\nclear = 'x {count}'", "of 'trace.clear' .*: none"),
        ("[trace]\ndone = {one = '1 {time}', other = '{count}'}", "of 'trace.done'"),
        ("[trace]\ndone = '{count} {time}'", r"must be {one, other}"),
        ("[trace]\nclear = {one = 'x', other = 'y'}", "must be one text"),
        ("[trace]\nclear = 3", "neither a text nor"),
        ("[trace]\nclear = ' '", "neither a text nor"),
        ("[trace]\ndone = {one = 'x'}", "neither a text nor"),
        ("clear = 'x'", "'clear' of .* stands in no table"),
        ("language = 'Deutsch, bitte'", "'language' of .* is no tag"),
        ("language = 'en-12'", "'language' of .* is no tag"),  # browsers refuse it
        ("[trace", "are not TOML"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(tmp_path: Path, content: str, told: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=told) as refused:
        texts.speak(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert text("trace.clear") == "Clear"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"de\.toml' cannot be read: No such file"):
        texts.speak(tmp_path / "de.toml")
    with pytest.raises(InputError, match="cannot be read"):
        texts.speak(tmp_path)
    (tmp_path / "de.toml").write_bytes(b"[trace]\nclear = '\xff'")
    with pytest.raises(InputError, match="are not TOML in UTF-8"):
        texts.speak(tmp_path / "de.toml")


def test_the_reader_of_python_3_10_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "loads", tomlkit.loads)
    assert texts.read(FILE) == ENGLISH
    assert texts.read(FILE) == Texts("en", ENGLISH.entries)


def test_a_script_gets_the_texts_that_it_names() -> None:
    told = texts.for_scripts('say(texts("trace.clear")); textParts("trace.done", { count, time });')
    assert told == (
        'const LANGUAGE = "en";\nconst TEXTS = {"trace.clear": "Clear", "trace.done": '
        '{"one": "{count} region in {time}.", "other": "{count} regions in {time}."}};'
    )
    with pytest.raises(KeyError):
        texts.for_scripts('say(texts("trace.cler"))')
