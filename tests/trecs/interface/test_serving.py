import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from files.errors import InputError
from trecs.interface.serving import check_address, own_folder


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_in_use_is_told_in_one_line(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["app.py", "--port", str(taken)])
    assert app.main() == 2
    told = capsys.readouterr().err
    assert f"Port {taken} is in use; give another, such as --port {taken + 1}" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("127.0.0.1", 0, "no port 0"),
        ("127.0.0.1", 70_000, "no port 70000"),
        ("192.0.2.1", 7860, "'192.0.2.1' is no address of this machine"),
        ("no.such.host.invalid", 7860, "is no address of this machine"),
        ("x" * 70 + ".y", 7860, "is no address of this machine"),
    ],
)
def test_where_nothing_can_listen_that_is_told(host: str, port: int, told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        check_address(host, port)
    assert "\n" not in str(raised.value)


def test_the_processs_files_lie_in_a_folder_of_its_own() -> None:
    from gradio import routes, utils

    folder = own_folder()
    assert folder == own_folder()
    assert folder.stat().st_uid == os.getuid()
    assert Path(utils.get_upload_folder()) == folder
    assert Path(routes.DEFAULT_TEMP_DIR) == folder


def test_gradio_has_what_we_take_from_it() -> None:
    """Names inside of Gradio that the queue, the gate and the folder lean on."""
    from gradio import queueing, route_utils, routes

    assert {"push", "start", "send_message", "clean_events", "compute_analytics_summary"} <= set(
        vars(queueing.Queue)
    )
    for module in (routes, route_utils):
        assert hasattr(module, "DEFAULT_TEMP_DIR")
    assert hasattr(route_utils, "FnIndexInferError")
