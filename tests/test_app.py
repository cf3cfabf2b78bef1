"""What `app.py` starts with: the same names of checkpoints as `trecs`."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import app
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--checkpoint", "no/such/folder"], "No checkpoints in 'no/such/folder'"),
        (["--checkpoint", "somebody/pictures"], "neither in the cache nor to be reached"),
        (["--library", "no-library"], "There is no scene library 'no-library'"),
        (["--texts", "no.toml"], "The texts 'no.toml' cannot be read"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", *arguments])
    assert app.main() == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_a_port_that_is_none_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "abc")
    monkeypatch.setattr(sys, "argv", ["app.py"])
    with pytest.raises(SystemExit) as end:
        app.main()
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "argument --port: invalid int value: 'abc'" in told
    assert told.count("\n") == 1


def test_a_repository_of_the_hub_is_opened(checkpoints: Path, tmp_path: Path) -> None:
    repository = tmp_path / "hub" / "models--somebody--pictures"  # as the Hub's own cache has it
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    for part in checkpoints.iterdir():
        (snapshot / part.name).symlink_to(part)
    (snapshot / "config.json").write_text('{"kind": "trecs", "format": 1}')
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(snapshot.name)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "--checkpoint", "somebody/pictures", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_CACHE": str(repository.parent), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            assert process.poll() is None
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("The page did not open.")
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    ("arguments", "space", "adds"),
    [
        ((), False, True),
        ((), True, False),
        (("--share",), False, False),
        (("--proxy", "127.0.0.1"), False, False),
        (("--host", "0.0.0.0"), False, False),
        (("--host", "0.0.0.0", "--add-photos"), False, True),
        (("--add-photos",), True, True),
        (("--no-add-photos",), False, False),
    ],
)
def test_photos_are_added_by_default_only_where_nobody_else_comes(
    arguments: tuple[str, ...], space: bool, adds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    monkeypatch.delenv("SPACE_ID", raising=False)
    if space:
        monkeypatch.setenv("SPACE_ID", "you/studio")
    assert app._adds_photos(app._parser().parse_args(arguments)) == adds
