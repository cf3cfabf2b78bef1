import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from tests.conftest import ROOT
from trecs import cli
from trecs.commands.train import models

HEAVY = ("torch", "gradio", "numpy", "cv2", "faiss", "lightning", "PIL", "tqdm")


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    output = run_python(
        "import sys, json\n"
        "from trecs.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as ended: print(ended.code)\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    *text, code, loaded = output.splitlines()
    assert code == "0"
    assert json.loads(loaded) == []
    for name in cli.COMMANDS:
        assert any(f"{line.strip()} ".startswith(f"{name} ") for line in text), name


@pytest.mark.parametrize(
    "command",
    [
        *([name] for name in cli.COMMANDS),
        *(["train", name] for name in models()),
        *(["data", step] for step in ("download", "prepare")),
        *(["library", step] for step in ("build", "search", "info")),
        *(["weights", "import", model] for model in ("spade", "attngan", "damsm")),
        ["weights", "list"],
    ],
    ids=" ".join,
)
def test_every_command_has_help_with_an_example(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    assert ended.value.code == 0
    assert f"example: trecs {' '.join(command)}" in " ".join(capsys.readouterr().out.split())


def test_python_m_trecs_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trecs", "--version"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("trecs ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "trecs: the following arguments are required: COMMAND"),
        (["paint"], "trecs: argument COMMAND: invalid choice: 'paint'"),
        (["draw"], "trecs draw: the following arguments are required: NARRATIVE.json|PICTURE.png"),
        (["draw", "n.json", "--out", "o", "--seed", "-1"], "'-1' is not a whole number from 0"),
        (["draw", "n.json", "--out", "o", "--seed", "1e9"], "'1e9' is not a whole number"),
        (["draw", "n.json", "--out", "o", "--size", "8"], "'8' is not a whole number from 64"),
        (["train", "tagger", "--steps", "-5"], "'-5' is not a whole number from 1"),
        (["train", "trace", "--minutes", "nan"], "'nan' is not a positive number of minutes"),
        (["train", "generator", "--minutes", "-1"], "'-1' is not a positive number of minutes"),
    ],
)
def test_wrong_arguments_are_one_line_and_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def end_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `trecs data prepare` end with this error."""

    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("trecs.data.prepare.prepare", run)


PREPARE = ["data", "prepare", "coco", "--out", "prepared"]


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("bad\n \x1b[31mthing"), 2, "trecs: bad ?[31mthing\n"),
        (KeyboardInterrupt(), 130, ""),
        (
            ZeroDivisionError("by zero"),
            1,
            "trecs: ZeroDivisionError: by zero (run with --debug for the traceback: "
            "trecs --debug ...)\n",
        ),
    ],
)
def test_errors_become_a_line_and_a_code(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    end_with(error, monkeypatch)
    assert cli.main(PREPARE) == code
    assert capsys.readouterr().err == line


def test_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    end_with(ZeroDivisionError("by zero"), monkeypatch)
    assert cli.main(["--debug", *PREPARE]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_that_an_output_cannot_show_are_escaped(tmp_path: Path, encoding: str) -> None:
    """What is printed when the work is done, and complaints; also names that are no text."""
    code = (
        "import sys\n"
        "from trecs import cli\n"
        "from files.errors import InputError\n"
        "from trecs.commands.data import prepare\n"
        "def run(args):\n"
        "    print(args.out)\n"
        "    print('\\udce9', file=sys.stderr)\n"
        "    raise InputError(f\"no '{args.coco}'\")\n"
        "prepare.run = run\n"
        "name = 'caf\u00e9 \u732b'\n"
        "raise SystemExit(cli.main(['data', 'prepare', name, '--out', name]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 2
    shown = "caf\u00e9 \u732b".encode(encoding, "backslashreplace")
    assert done.stdout == shown + b"\n"
    assert done.stderr == b"\\udce9\ntrecs: no '" + shown + b"'\n"


def test_a_tilde_is_the_home_folder_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    parse = cli._parser().parse_args
    drawn = parse(["draw", "~/told.json", "--out=~/pic", "--generator=~/spade", "--library=~"])
    home = Path("/home/somebody")
    assert (drawn.narrative, drawn.out, drawn.library) == (home / "told.json", home / "pic", home)
    assert drawn.generator == str(home / "spade")
    measured = parse(["evaluate", "--encoder=~/net", "--detector=a:b", "--study=~/study"])
    assert (measured.encoder, measured.detector) == (str(home / "net"), "a:b")
    assert measured.study == home / "study"
    imported = parse(["weights", "import", "attngan", "~/a.pth", "b.pth"])
    assert imported.paths == [home / "a.pth", Path("b.pth")]
    assert parse(["draw", "n", "--out=~nobody-of-this-name/x"]).out == Path(
        "~nobody-of-this-name/x"
    )


@pytest.mark.parametrize(
    "arguments", [["--quick", "--data", "data"], ["--inception", "nowhere.pth"]]
)
def test_an_evaluation_refuses_before_it_draws(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert arguments[-2] in (error := capsys.readouterr().err) or arguments[-1] in error
    assert not list(tmp_path.iterdir())


def test_a_reader_that_ends_early_is_no_error() -> None:
    code = (
        "from trecs import cli\n"
        "from trecs.commands.data import prepare\n"
        "def run(args):\n"
        "    while True: print('line')\n"
        "prepare.run = run\n"
        f"raise SystemExit(cli.main({PREPARE!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == cli.BROKEN_PIPE


def test_a_terminated_command_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "from trecs import cli\n"
        "import time, trecs.commands.draw as draw\n"
        "from files.whole import written_whole\n"
        "def run(args):\n"
        "    with written_whole(args.out) as folder:\n"
        "        (folder / 'image.png').write_text('half')\n"
        "        print('working', flush=True)\n"
        "        time.sleep(60)\n"
        "draw.run = run\n"
        f"raise SystemExit(cli.main(['draw', 'n.json', '--out', {str(tmp_path / 'out')!r}]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    process.terminate()
    assert process.communicate() == (b"", b"")
    assert process.returncode == cli.TERMINATED
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("number", "said"), [(28, "the disk is full"), (30, "is read-only")])
def test_what_a_disk_refuses_anywhere_is_one_line(
    number: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: object) -> None:
        raise OSError(number, "as the system calls it", "/data/file")

    monkeypatch.setattr("trecs.commands.systems.run", run)
    assert cli.main(["systems"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("trecs: '/data/file' cannot be written: ")
    assert said in told
    assert told.count("\n") == 1


def test_a_path_that_is_too_long_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["library", "info", "--library", "x" * 5_000]) == 2
    assert "is too long a path; shorten it" in capsys.readouterr().err


def test_what_this_user_may_not_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "secret/library.json")

    monkeypatch.setattr("retrieval.library.SceneLibrary.open", closed)
    assert cli.main(["library", "info", "--library", "secret"]) == 2
    assert "'secret/library.json' cannot be used: this user may not" in capsys.readouterr().err
