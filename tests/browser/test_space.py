"""The Space as it is pushed: started from its folder alone, behind a proxy's sub-path."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from scripts.space import BINARY, TRAINING, write_space
from tests.browser import steps
from tests.browser.conftest import Server, ready

PREFIX = "/user/studio"


class Proxy(BaseHTTPRequestHandler):
    """Takes what comes below the prefix, and sends it on without."""

    target = 0  # port

    def pass_on(self) -> None:
        """Sends a request on and its answer back, piece by piece."""
        if not self.path.startswith(PREFIX):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        onward = http.client.HTTPConnection("127.0.0.1", self.target, timeout=120)
        onward.request(self.command, self.path[len(PREFIX) :] or "/", body, dict(self.headers))
        answer = onward.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_POST = do_HEAD = pass_on

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("space") / "studio"
    write_space(folder)
    return folder


@pytest.fixture
def behind(space: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the Space behind its proxy, without a home and without what only trains."""
    for name in TRAINING:
        (tmp_path / "lacking" / name).mkdir(parents=True)
        (tmp_path / "lacking" / name / "__init__.py").write_text("raise ImportError")
    before = {path: path.stat().st_mtime_ns for path in space.rglob("*")}
    environment = {
        "PYTHONPATH": str(tmp_path / "lacking"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent/home",
        "GRADIO_ROOT_PATH": PREFIX,
    }
    server = Server(tmp_path, "app.py", "--port", folder=space, **environment)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), type("To", (Proxy,), {"target": server.port}))
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        server.start()
        yield f"http://127.0.0.1:{proxy.server_port}{PREFIX}/"
        assert "Traceback" not in server.log.read_text()
        assert before == {path: path.stat().st_mtime_ns for path in space.rglob("*")}
    finally:
        server.stop()
        proxy.shutdown()


def test_it_draws_from_its_folder_alone(behind: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(90_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(behind)
    ready(page)
    page.locator(".tc-text").fill("a zebra on the grass")
    steps.compose(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    assert download.value.path().stat().st_size > 10_000
    context.close()
    elsewhere = [url for url in asked if not url.startswith((behind, "data:", "blob:"))]
    assert elsewhere == []


def test_the_hub_takes_every_file(space: Path) -> None:
    front = yaml.safe_load((space / "README.md").read_text("utf-8").split("---\n")[1])
    assert (front["sdk"], front["app_file"]) == ("gradio", "app.py")
    pinned = (Path(__file__).parents[2] / "requirements.txt").read_text()
    assert f"gradio=={front['sdk_version']}\n" in pinned
    requirements = (space / "requirements.txt").read_text().split()
    assert "spaces" in requirements
    assert not any(line.startswith(TRAINING) for line in requirements)
    through_lfs = (space / ".gitattributes").read_text()
    for path in space.rglob("*"):
        if path.is_file() and f"*{path.suffix} filter=lfs" not in through_lfs:
            assert path.suffix not in BINARY
            assert path.stat().st_size < 10_000_000
            path.read_text("utf-8")  # the Hub takes no other binary files
