"""The HTTP API of the real studio, as the README tells it and as an attacker tries it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from segmentation.labels import NAMES
from trecs.interface.assets import FOLDER
from trecs.interface.models import Models
from trecs.interface.page import build

ROOT = Path(__file__).parents[3]
HORSE = (FOLDER / "examples" / "horse.json").read_text("utf-8")


@pytest.fixture(scope="module")
def address(checkpoints: Path) -> Iterator[str]:
    """The studio with its own checkpoints on a free port."""

    def load() -> Any:
        from trecs.pipeline import TReCS

        return TReCS.from_pretrained(checkpoints)

    page = build(Models(load))
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield url.rstrip("/")
    page.close()


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def test_compose_gives_image_label_map_and_record(client: Client) -> None:
    image, label_map, record = client.predict(HORSE, 7, api_name="/compose")
    assert Image.open(image).size == (256, 256)
    assert Image.open(image).mode == "RGB"
    picture = Image.open(label_map)
    assert picture.mode == "L"  # exact labels, no palette and no colours
    values, counts = np.unique(np.asarray(picture), return_counts=True)
    shares = {NAMES[v]: round(c / 256**2, 4) for v, c in zip(values, counts, strict=True)}
    assert shares == pytest.approx(record["labels"])
    assert record["seed"] == 7
    assert len(record["tags"]) == len(json.loads(HORSE)["timed_caption"])
    assert len(record["placements"]) == len(record["regions"]) > 2


def test_the_same_seed_gives_the_same_files(client: Client) -> None:
    first, second = (client.predict(HORSE, 3, api_name="/compose")[:2] for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert Path(one).read_bytes() == Path(other).read_bytes()


def test_align_gives_tags_and_regions(client: Client) -> None:
    told = client.predict(HORSE, api_name="/align")
    assert set(told) == {"caption", "tags", "regions"}
    assert told["tags"][0]["word"] == "In"
    assert all(region["label"] in NAMES for region in told["regions"])


def test_align_tells_and_honours_which_strokes_belong_to_which_words(client: Client) -> None:
    told = json.loads(HORSE)
    regions = client.predict(HORSE, api_name="/align")["regions"]
    strokes = {number for region in regions for number in region["strokes"]}
    assert strokes == set(range(len(told["traces"])))
    last = len(told["timed_caption"]) - 1
    told["trecs_bindings"] = [{"stroke": 0, "word": last}]
    regions = client.predict(json.dumps(told), api_name="/align")["regions"]
    (bound,) = [region for region in regions if 0 in region["strokes"]]
    assert bound["words"][0] <= last < bound["words"][1]


def test_only_these_two_are_public(client: Client) -> None:
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == {"/compose", "/align"}


@pytest.mark.parametrize(
    ("narrative", "message"),
    [("", "not JSON"), ("/etc/passwd", "not JSON"), ("[]", "not a Localized Narrative")],
)
def test_bad_narratives_are_answered_in_one_line(
    client: Client, narrative: str, message: str
) -> None:
    for name in ("/compose", "/align"):
        with pytest.raises(AppError, match=message):
            client.predict(narrative, api_name=name)


def test_a_bad_seed_is_answered_in_one_line(client: Client) -> None:
    with pytest.raises(AppError, match="seed"):
        client.predict(HORSE, -1, api_name="/compose")


def test_no_endpoint_reads_a_path_that_a_client_names(address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-itself")
    config = httpx.get(f"{address}/config").json()
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    answers = []
    for event in config["dependencies"]:
        body = {
            "fn_index": event["id"],
            "session_hash": f"attack{event['id']}",
            "trigger_id": event["targets"][0][0] if event["targets"] else None,
            "event_data": {"name": str(secret), "choice": file, "rank": file},
            "data": [file for _ in event["inputs"]],
        }
        joined = httpx.post(f"{address}/gradio_api/queue/join", json=body)
        answers.append(joined.text)
        if joined.status_code == 200:
            url = f"{address}/gradio_api/queue/data?session_hash={body['session_hash']}"
            with httpx.stream("GET", url, timeout=60) as stream:
                for line in stream.iter_lines():
                    answers.append(line)
                    if "process_completed" in line or "close_stream" in line:
                        break
    everything = "\n".join(answers)
    assert len(answers) > len(config["dependencies"])
    assert "the-secret-itself" not in everything
    assert "Traceback" not in everything
    for cached in re.findall(r'"path": ?"([^"]+)"', everything):
        assert not Path(cached).is_file() or "the-secret-itself" not in Path(cached).read_text()


def test_the_snippet_of_the_readme_runs(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    snippets = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (snippet,) = [code for code in snippets if "gradio_client" in code]
    assert "http://127.0.0.1:7860" in snippet
    monkeypatch.chdir(ROOT)
    exec(snippet.replace("http://127.0.0.1:7860", address), {})
    assert "label_map.png" in capsys.readouterr().out
