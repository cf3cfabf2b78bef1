import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from files.errors import InputError
from files.locks import locked
from tests.processes import in_a_child
from trecs.data import download
from trecs.data.download import DownloadError, fetch
from trecs.data.sources import Source

CONTENT = bytes(range(256)) * 4_000


@dataclass
class Server:
    """A file server that can be told to misbehave; `requests` are the Range headers it got."""

    url: str = ""
    content: bytes = CONTENT
    etag: str = '"1"'
    breaks_after: list[int] = field(default_factory=list)  # bytes, for each answer in turn
    takes_ranges: bool = True
    takes_if_range: bool = True
    status: int = 0
    requests: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers["Range"]
            told.requests.append(asked)
            if told.status:
                self.send_error(told.status)
                return
            start = int(asked.split("=")[1].rstrip("-")) if asked and told.takes_ranges else 0
            if told.takes_if_range and self.headers["If-Range"] not in (None, told.etag):
                start = 0
            if start >= len(told.content):
                self.send_error(416)
                return
            body = told.content[start:]
            self.send_response(206 if start else 200)
            if start:
                end = len(told.content)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            self.send_header("Content-Length", str(len(body)))
            if told.etag:
                self.send_header("ETag", told.etag)
            self.end_headers()
            self.wfile.write(body[: told.breaks_after.pop(0)] if told.breaks_after else body)

        def log_message(self, *args: Any) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{http.server_port}/file.bin"
    yield told
    http.shutdown()
    http.server_close()


def get(server: Server, folder: Path, checksum: str = "", tries: int = 4) -> Path:
    return fetch(Source(server.url, checksum), folder, tries=tries, wait=lambda seconds: None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_with_its_checksum_recorded(server: Server, tmp_path: Path) -> None:
    path = get(server, tmp_path, "md5:" + hashlib.md5(CONTENT).hexdigest())
    assert path.read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin", "file.bin.sha256"]
    expected = f"{hashlib.sha256(CONTENT).hexdigest()}  file.bin\n"
    assert (tmp_path / "file.bin.sha256").read_text() == expected


def test_a_file_that_is_there_is_only_checked(server: Server, tmp_path: Path) -> None:
    get(server, tmp_path)
    get(server, tmp_path)
    assert server.requests == [None]
    (tmp_path / "file.bin").write_bytes(b"damaged")
    with pytest.raises(DownloadError, match="has changed: its SHA-256"):
        get(server, tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == b"damaged"  # the user's file is not deleted


def test_a_broken_connection_goes_on_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.breaks_after = [100_000, 50_000]
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=100000-", "bytes=150000-"]


def test_a_second_run_goes_on_where_the_first_gave_up(server: Server, tmp_path: Path) -> None:
    server.breaks_after = [300_000]
    with pytest.raises(DownloadError, match="run the command again to go on"):
        get(server, tmp_path, tries=1)
    assert names(tmp_path) == [".file.bin.part", ".file.bin.part.json"]
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.requests == [None, "bytes=300000-"]


def test_a_server_without_ranges_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    server.takes_ranges = False
    server.breaks_after = [300_000]
    assert get(server, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("takes_if_range", [True, False])
def test_two_versions_are_never_glued_together(
    server: Server, tmp_path: Path, takes_if_range: bool
) -> None:
    server.takes_if_range = takes_if_range
    server.breaks_after = [300_000]
    with pytest.raises(DownloadError):
        get(server, tmp_path, tries=1)
    server.content, server.etag = CONTENT[::-1], '"2"'
    assert get(server, tmp_path).read_bytes() == CONTENT[::-1]


def test_without_etag_a_change_of_size_is_noticed(server: Server, tmp_path: Path) -> None:
    server.etag, server.breaks_after = "", [300_000]
    with pytest.raises(DownloadError):
        get(server, tmp_path, tries=1)
    server.content = CONTENT[::-1] + b"more"
    assert get(server, tmp_path).read_bytes() == server.content


def test_a_file_that_shrank_is_started_again(server: Server, tmp_path: Path) -> None:
    server.breaks_after = [300_000]
    with pytest.raises(DownloadError):
        get(server, tmp_path, tries=1)
    server.content, server.etag, server.takes_if_range = b"short", '"2"', False
    assert get(server, tmp_path).read_bytes() == b"short"


def test_a_part_that_was_complete_is_only_finished(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".file.bin.part").write_bytes(CONTENT)
    version = {"etag": '"1"', "modified": "", "size": len(CONTENT)}
    (tmp_path / ".file.bin.part.json").write_text(json.dumps(version))
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin", "file.bin.sha256"]


def test_a_part_of_unknown_origin_is_not_continued(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".file.bin.part").write_bytes(b"something else")
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_a_missing_file_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadError, match="404"):
        get(server, tmp_path)
    assert server.requests == [None]
    assert names(tmp_path) == []


def test_an_overloaded_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(DownloadError, match="503"):
        get(server, tmp_path)
    assert len(server.requests) == 4


def test_a_wrong_checksum_keeps_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="was not kept: its md5 is"):
        get(server, tmp_path, "md5:" + "0" * 32)
    assert names(tmp_path) == []


def test_content_that_changed_since_it_was_recorded_is_refused(
    server: Server, tmp_path: Path
) -> None:
    get(server, tmp_path).unlink()
    server.content = CONTENT[::-1]
    with pytest.raises(DownloadError, match=r"'file.bin.sha256' says"):
        get(server, tmp_path)
    assert names(tmp_path) == ["file.bin.sha256"]


def test_a_full_disk_is_noticed_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SPARE", 2**60)
    with pytest.raises(DownloadError, match="GB free; make room"):
        get(server, tmp_path)
    assert names(tmp_path) == []


def test_no_server_at_all(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot be downloaded"):
        fetch(Source("http://127.0.0.1:9/file.bin"), tmp_path, tries=2, wait=lambda s: None)


def test_what_the_disk_refuses_is_told_at_once_and_what_came_is_kept(
    server: Server, tmp_path: Path
) -> None:
    """Rather than tried again; a limit on the size of files stands for a disk without room."""
    resource = pytest.importorskip("resource")

    def refused() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
        with pytest.raises(InputError, match=r"\.part' cannot be written: the file system takes"):
            get(server, tmp_path)

    assert in_a_child(refused) == 0
    assert len(server.requests) == 1
    assert (tmp_path / ".file.bin.part").read_bytes() == CONTENT[:300_000]
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.requests[1] == "bytes=300000-"


def test_two_processes_do_not_download_one_file(server: Server, tmp_path: Path) -> None:
    lock = tmp_path / ".file.bin.lock"
    with locked(lock, "busy"), pytest.raises(InputError, match="Another process is downloading"):
        get(server, tmp_path)
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin", "file.bin.sha256"]
