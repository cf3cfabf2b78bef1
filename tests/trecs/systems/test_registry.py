import os
import subprocess
import sys
from pathlib import Path

import pytest

import trecs.systems
from files.errors import InputError
from tests.conftest import ROOT
from trecs.cli import main
from trecs.systems import registry
from trecs.systems.front_matter import DEFAULTS, EXPECTED, read

CARD = """\
---
title: Toy
paper: nobody, nowhere
year: 1999
sees: [words]
sizes: any
licence: mit
system: system:Toy
---
A toy.
"""

TRAIN = """\
train:
  function: training:train_toy
  numbers: training:ToyTraining
  steps: 10
  help: a toy
  description: Trains a toy.
  example: --batch 3
  options: {batch: {number: toys}}
"""


def written(folder: Path, text: str = CARD) -> Path:
    folder.mkdir(parents=True)
    (folder / "card.md").write_text(text)
    return folder


def test_the_public_names_stay() -> None:
    known = ("retrieval", "photo", "attngan", "traced", "predicted")
    assert tuple(name for name in registry.names() if name in known) == known
    assert registry.own().name == "traced"
    assert registry.card("attngan").offers == ("train", "import")
    with pytest.raises(InputError, match="No system 'muse'; expected some of retrieval, photo"):
        registry.card("muse")


def test_a_card_says_what_it_has_and_else_what_is_usual(tmp_path: Path) -> None:
    (card,) = read(written(tmp_path / "toy"))
    assert (card.name, card.short, card.title, card.text) == ("toy", "Toy", "Toy", "A toy.")
    assert (card.sees, card.sizes, card.offers, card.ways) == (("words",), (), (), ())
    assert (card.noise, card.control, card.page) == (True, False, "beside")
    more = f"short: T\nsizes: [8, 16]\nnoise: false\n{TRAIN}"
    (card,) = read(written(tmp_path / "more", CARD.replace("sizes: any\n", more)))
    assert (card.short, card.sizes, card.noise, card.offers) == ("T", (8, 16), False, ("train",))
    assert card.train is not None
    assert card.train.options == {"batch": ("number", "toys")}


def test_whoever_imports_a_part_alone_is_not_told_to_have_all_by_it(tmp_path: Path) -> None:
    more = f"{TRAIN}import: {{function: a:b, files: one, example: two, part: toy-eye}}\n---\nA"
    (card,) = read(written(tmp_path / "toy", CARD.replace("---\nA", more)))
    assert card.offers == ("train",)
    assert card.ways == ("train one with `trecs train toy`",)


def test_variants_differ_in_what_they_say_and_are_not_trained(tmp_path: Path) -> None:
    more = f"{TRAIN}variants:\n  blind: {{title: Blind toy, sees: [labels]}}\n---\nA"
    toy, blind = read(written(tmp_path / "toy", CARD.replace("---\nA", more)))
    assert (toy.name, toy.title, toy.offers) == ("toy", "Toy", ("train",))
    assert (blind.name, blind.title, blind.sees) == ("blind", "Blind toy", ("labels",))
    assert (blind.folder, blind.paper, blind.offers) == (toy.folder, toy.paper, ())


@pytest.mark.parametrize("key", sorted(EXPECTED.keys() - DEFAULTS.keys() - {"name"}))
def test_what_is_missing_is_named(key: str, tmp_path: Path) -> None:
    lines = [line for line in CARD.splitlines() if not line.startswith(f"{key}:")]
    folder = written(tmp_path / "toy", "\n".join(lines))
    with pytest.raises(InputError, match=rf"toy/card\.md', cannot be used: it lacks '{key}'\.$"):
        list(read(folder))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train: training:train_toy", "'train' is .*; expected function, numbers, steps"),
        (TRAIN.replace("number:", "colour:"), "'train.options' is .*; expected {KIND: help}"),
        (TRAIN.replace("steps: 10", "steps: many"), "'train.steps' is 'many'; expected a whole"),
        (TRAIN.replace("  steps: 10\n", ""), "it lacks 'train.steps'"),
        ("import: {function: a:b, files: one}", "it lacks 'import.example'"),
        (
            "import: {function: a:b, files: one, example: two, part: ../toy}",
            "'import.part' is '../toy'; expected letters",
        ),
        ("title: ''", "'title' is ''; expected text"),
        ("year: soon", "'year' is 'soon'; expected a year"),
        ("sees: [sounds]", "'sees' is .*; expected some of words, trace, labels"),
        ("sees: []", "'sees' is .*; expected some of words"),
        ("sizes: large", "'sizes' is 'large'; expected some numbers of pixels, or any"),
        ("system: system.py", "'system' is 'system.py'; expected module:Class"),
        ("import: released:bring", "'import' is .*; expected function, files, example"),
        ("noise: maybe", "'noise' is 'maybe'; expected true or false"),
        ("page: front", "'page' is 'front'; expected one of own, first, beside, absent"),
        ("name: ../toy", "'name' is '../toy'; expected letters"),
        ("colour: red", "it has 'colour', which is no key of a card"),
        ("variants: [blind]", "'variants' is not"),
        ("title: [", "it cannot be read"),
        ("\x00", "it cannot be read"),
    ],
)
def test_what_is_wrong_is_one_line(line: str, message: str, tmp_path: Path) -> None:
    key = line.split(":")[0]
    rest = [other for other in CARD.splitlines() if not other.startswith(f"{key}:")]
    folder = written(tmp_path / "toy", "\n".join([rest[0], line, *rest[1:], ""]))
    with pytest.raises(InputError, match=message) as caught:
        list(read(folder))
    assert "\n" not in str(caught.value)


def test_a_card_may_be_written_on_windows(tmp_path: Path) -> None:
    folder = written(tmp_path / "toy")
    (folder / "card.md").write_bytes(CARD.replace("\n", "\r\n").encode("utf-8-sig"))
    (card,) = read(folder)
    assert card.title == "Toy"


@pytest.mark.parametrize("text", ["", "# Toy", "---\ntitle: Toy\n", "---\n- a\n---\n"])
def test_a_card_without_front_matter_says_so(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it does not begin with front matter"):
        list(read(written(tmp_path / "toy", text)))


def test_a_bad_card_ends_every_command_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "toy", "# Toy")
    monkeypatch.setattr(trecs.systems, "__path__", [*trecs.systems.__path__, str(tmp_path)])
    assert main(["systems"]) == 2
    assert capsys.readouterr().err.startswith("trecs: The card of a system, ")


def test_a_name_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "attngan")
    monkeypatch.setattr(trecs.systems, "__path__", [*trecs.systems.__path__, str(tmp_path)])
    with pytest.raises(InputError, match=r"'attngan' is the system in '.*/attngan' already"):
        registry.names()


def test_what_a_card_names_and_is_not_there_is_told(tmp_path: Path) -> None:
    (card,) = read(written(tmp_path / "toy"))
    with pytest.raises(InputError, match="there is no system:Toy in its folder"):
        card.named(card.system)
    (card,) = read(ROOT / "trecs" / "systems" / "attngan")
    with pytest.raises(InputError, match="there is no system:Toy in its folder"):
        card.named("system:Toy")


def test_the_registry_imports_nothing_heavy_and_sees_folders_elsewhere(tmp_path: Path) -> None:
    written(tmp_path / "toy")
    code = (
        "import sys\n"
        "from trecs.systems import registry\n"
        "print(registry.names())\n"
        "print(sorted({'torch', 'numpy', 'PIL', 'cv2'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "TRECS_SYSTEMS": str(tmp_path)}
    printed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names, heavy = printed.splitlines()
    assert "'toy'" in names
    assert heavy == "[]"
