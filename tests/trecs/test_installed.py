import json
import subprocess
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from tests.conftest import ROOT
from trecs.installed import generator_folder, imported_folder, licence, parts_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def part(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"kind": "generator", "format": 1}))
    return folder


def test_the_home_is_told_by_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert imported_folder() == home / "weights"
    monkeypatch.delenv("TRECS_HOME")
    monkeypatch.setenv("HOME", "/somebody")
    assert imported_folder() == Path("/somebody/.cache/trecs/weights")


def test_nobody_need_have_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container: no variable tells it, and the system does not know the user."""
    for name in ("TRECS_HOME", "HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"):
        monkeypatch.delenv(name, raising=False)

    def unknown(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pytest.importorskip("pwd"), "getpwuid", unknown)
    own = part(tmp_path / "checkpoints" / "generator")
    assert generator_folder(tmp_path / "checkpoints") == own
    assert imported_folder().is_absolute()


def test_a_generator_is_found_by_name_then_by_path(tmp_path: Path, home: Path) -> None:
    checkpoint = tmp_path / "checkpoints"
    own, spade = part(checkpoint / "generator"), part(home / "weights" / "spade")
    assert generator_folder(checkpoint) == own
    assert generator_folder(checkpoint, "spade") == spade
    assert generator_folder(checkpoint, str(spade)) == spade
    nearer = part(checkpoint / "spade")
    assert generator_folder(checkpoint, "spade") == nearer
    with pytest.raises(InputError, match=r"'big' .*generator, spade, and .* ones spade\."):
        generator_folder(checkpoint, "big")
    with pytest.raises(InputError, match=r"No generator '\.\./generator'"):
        generator_folder(checkpoint, "../generator")
    with pytest.raises(InputError, match="there is nothing"):
        generator_folder(tmp_path / "empty")


def test_parts_are_listed_and_other_folders_are_not(tmp_path: Path) -> None:
    part(tmp_path / "b")
    part(tmp_path / "a")
    (tmp_path / "notes").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "config.json").write_text("{")
    assert [(p.name, p.kind, p.parameters, p.licence) for p in parts_of(tmp_path)] == [
        ("a", "generator", 0, "not told"),
        ("b", "generator", 0, "not told"),
    ]
    assert not list(parts_of(tmp_path / "nowhere"))


def test_a_part_of_parts_is_listed_by_them_under_its_licence(tmp_path: Path) -> None:
    for stage in ("latents", "thumbnails"):
        part(tmp_path / "painter" / stage)
    (tmp_path / "painter" / "README.md").write_text("---\nlicense: mit\n---\n")
    found = [(part.name, part.licence) for part in parts_of(tmp_path)]
    assert found == [("painter/latents", "mit"), ("painter/thumbnails", "mit")]


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("---\nlicense: apache-2.0\ntags: [a]\n---\n# A\n", "apache-2.0"),
        ("---\nlicense: other\nlicense_name: research\n---\n", "research"),
        ("# A\nlicense: mit\n", "not told"),
        ("", "not told"),
    ],
)
def test_the_licence_is_the_front_matters(tmp_path: Path, card: str, told: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert licence(tmp_path) == told


def test_a_process_without_a_home_and_a_name_runs() -> None:
    code = (
        "import os, pwd\n"
        "def unknown(*_): raise KeyError('uid not found')\n"
        "pwd.getpwuid = pwd.getpwnam = unknown\n"
        "for name in ('HOME', 'USER', 'LOGNAME', 'LNAME', 'USERNAME'): os.environ.pop(name, None)\n"
        "import app\n"
        "from trecs.cli import main\n"
        "from trecs.interface import serving\n"
        "import getpass, pathlib\n"
        "pathlib.Path('~').expanduser(), getpass.getuser(), serving.own_folder()\n"
        "raise SystemExit(main(['weights', 'list']))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
