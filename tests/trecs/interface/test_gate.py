"""What is refused before Gradio sees it, over real connections."""

import errno
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from gradio import route_utils

from tests.trecs.interface.served import Served, served
from trecs.interface.limits import Limits
from trecs.interface.serving import own_folder

JOIN = "/gradio_api/queue/join"
UPLOAD = "/gradio_api/upload"
LIMITS = Limits(body=20_000, upload=30_000, small=500, reading=1.0)


@pytest.fixture(scope="module")
def it() -> Iterator[Served]:
    with served(LIMITS) as it:
        it.go.set()
        yield it


def raw(it: Served, head: str, body: bytes = b"") -> str:
    """What the server answers to bytes that no well-behaved client sends."""
    where = urlsplit(it.address)
    with socket.create_connection((where.hostname, where.port), timeout=20) as line:
        line.sendall(f"{head}\r\nHost: x\r\nConnection: close\r\n\r\n".encode() + body)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer.decode()


@pytest.mark.parametrize("size", [20_001, 2_000_000])
def test_a_large_body_is_refused_in_words(it: Served, size: int) -> None:
    answer = httpx.post(f"{it.address}{JOIN}", content=b"[" * size)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "This is too large: the maximum allowed size here is 19 kB."


def test_a_length_is_refused_before_a_byte_has_come(it: Served) -> None:
    answer = raw(it, f"POST {JOIN} HTTP/1.1\r\nContent-Length: 9999999999")
    assert " 413 " in answer.split("\r\n")[0]


def test_a_chunked_body_is_counted_as_it_comes(it: Served) -> None:
    chunk = b"1000\r\n" + b"[" * 4096 + b"\r\n"
    answer = raw(it, f"POST {JOIN} HTTP/1.1\r\nTransfer-Encoding: chunked", chunk * 6)
    assert " 413 " in answer.split("\r\n")[0]


def test_a_body_that_never_ends_is_not_waited_for(it: Served) -> None:
    answer = raw(it, f"POST {JOIN} HTTP/1.1\r\nContent-Length: 100", b"{")
    assert " 408 " in answer.split("\r\n")[0]
    assert "did not arrive within 1 second" in answer


def test_the_body_of_a_get_is_not_kept(it: Served) -> None:
    answer = httpx.request("GET", f"{it.address}/config", content=b"x" * 100_000)
    assert answer.status_code == 200


@pytest.mark.parametrize("route", ["cancel", "reset"])
def test_other_bodies_are_small(it: Served, route: str) -> None:
    body = {"session_hash": "x" * 600, "fn_index": 0, "event_id": "x"}
    assert httpx.post(f"{it.address}/gradio_api/{route}", json=body).status_code == 413
    body["session_hash"] = "x"
    assert httpx.post(f"{it.address}/gradio_api/{route}", json=body).status_code == 200


def stored() -> set[Path]:
    return set(own_folder().rglob("*"))


def test_an_upload_has_its_own_limit_and_leaves_nothing(it: Served) -> None:
    before = stored()
    for files in ({"files": b"x" * 31_000}, [("files", b"x" * 16_000)] * 2):
        answer = httpx.post(f"{it.address}{UPLOAD}", files=files)
        assert answer.status_code == 413
        assert "maximum allowed size" in answer.text
    assert stored() == before
    body = b"--b\r\nContent-Disposition: form-data; name=files; filename=x\r\n\r\n" + b"x" * 40_000
    head = f"POST {UPLOAD} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b"
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    assert " 413 " in raw(it, f"{head}\r\nTransfer-Encoding: chunked", chunked).split("\r\n")[0]
    assert stored() == before
    assert httpx.post(f"{it.address}{UPLOAD}", files={"files": b"x"}).status_code == 200


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_told(it: Served, error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(error, "no")

    monkeypatch.setattr(route_utils, "NamedTemporaryFile", full)
    answer = httpx.post(f"{it.address}{UPLOAD}", files={"files": b"x"})
    assert answer.status_code == 507
    assert "disk" in answer.json()["detail"]
    assert "try again later" in answer.json()["detail"]


def test_nothing_is_uploaded_where_the_disk_is_nearly_full() -> None:
    with served(Limits(free_disk=2**62)) as it:
        answer = httpx.post(f"{it.address}{UPLOAD}", files={"files": b"x"})
    assert (answer.status_code, answer.json()["detail"][:26]) == (507, "The studio's disk is full,")


@pytest.mark.parametrize(
    ("method", "route", "status"),
    [
        *(
            ("GET", f"/gradio_api/{route}", 404)
            for route in ("proxy=http://x/y", "runs", "dev/reload")
        ),
        *(
            ("GET", f"/gradio_api/{route}", 404)
            for route in ("file=http://x/y", "file=HTTPS://x/y")
        ),
        *(("GET", route, 404) for route in ("/monitoring", "/gradio_api/deep_link?session_hash=x")),
        *(("POST", f"/gradio_api/{route}", 404) for route in ("process_recording", "vibe-code")),
        *(("POST", f"/gradio_api/{route}", 404) for route in ("run/echo", "api/echo")),
        ("POST", "/gradio_api/component_server", 400),  # no component is named
        *(("POST", f"/gradio_api/call/{name}", 404) for name in ("nothing", "v2/nothing")),
        *(("GET", f"/gradio_api/call/{event}", 404) for event in ("echo/x", "v2/echo/x")),
        ("GET", "/gradio_api/queue/data?session_hash=nobody", 404),
        ("DELETE", "/config", 405),
        ("GET", "/", 200),
    ],
)
def test_routes_that_the_page_does_not_need_are_closed(
    it: Served, method: str, route: str, status: int
) -> None:
    body = json.dumps({"data": ["x"]}) if method == "POST" else None
    answer = httpx.request(method, f"{it.address}{route}", content=body)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert status == 200 or answer.json()["detail"]


@pytest.mark.parametrize("name", ["read_narrative", "__init__", "preprocess"])
def test_a_component_that_there_is_not_answers_in_words(it: Served, name: str) -> None:
    asked = {"session_hash": "x", "component_id": 99_999, "fn_name": name, "data": 3}
    answer = httpx.post(f"{it.address}/gradio_api/component_server", json=asked)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "No component of the page answers that."


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "http://127.0.0.1:9/x", "file:///etc/passwd", "", "\0", ["x"], 7]
)
def test_only_what_was_uploaded_can_be_named(it: Served, path: object) -> None:
    body = {"data": [{"a": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}]}
    answer = httpx.post(f"{it.address}/gradio_api/call/echo", json=body)
    assert (answer.status_code, answer.json()["detail"][:10]) == (400, "Only files")


def test_too_many_large_bodies_at_once_are_told_to_come_back() -> None:
    with served(Limits(held=1_000)) as it:
        answer = it.post("echo", "x" * 2_000)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Try again" in answer.json()["detail"]
