"""The HTTP API of the real studio, as docs/using.md tells it and as an attacker tries it."""

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
from trecs.interface.limits import Limits
from trecs.interface.models import Models
from trecs.interface.page import build
from trecs.interface.serving import opened

ROOT = Path(__file__).parents[3]
HORSE = (FOLDER / "examples" / "horse.json").read_text("utf-8")


@pytest.fixture(scope="module")
def address(checkpoints: Path) -> Iterator[str]:
    """The studio with its own checkpoints on a free port."""

    def load() -> Any:
        from trecs.pipeline import TReCS

        return TReCS.from_pretrained(checkpoints)

    page, limits = build(Models(load)), Limits()
    yield opened(page, "127.0.0.1", None, limits=limits, quiet=True)
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


VIOLIN = {
    "timed_caption": [
        {"utterance": word, "start_time": i, "end_time": i + 0.9}
        for i, word in enumerate("a man plays a violin on the grass".split())
    ],
    "traces": [
        [{"x": x + d, "y": y + d, "t": 20 + 5 * x + d} for d in (0, 0.1, 0.2)]
        for x, y in ((0.2, 0.2), (0.6, 0.6))
    ],
    "trecs_bindings": [{"stroke": 0, "word": 1}, {"word": 4, "label": "wood"}],
}


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [
        (None, {"person": [0]}),  # those of the narrative
        ({"0": 7, "1": 1}, {"grass": [0], "person": [1]}),
        ([{"stroke": 0, "word": 4}], {"wood": [0]}),
        ([{"stroke": 0, "word": 4, "label": "metal"}], {"metal": [0]}),
        ([{"stroke": 0, "word": 1, "label": "bear"}, {"stroke": 1, "word": 4}], {"bear": [0]}),
        ({"stroke": 0, "word": 7}, {"grass": [0]}),
    ],
)
def test_bindings_win_over_those_of_the_narrative(
    client: Client, bindings: Any, expected: dict[str, list[int]]
) -> None:
    told = json.dumps(VIOLIN)
    regions = client.predict(told, bindings=bindings, api_name="/align")["regions"]
    found = {region["label"]: region["strokes"] for region in regions}
    assert expected.items() <= found.items()
    if bindings is not None:
        record = client.predict(told, 7, bindings, api_name="/compose")[2]
        composed = {region["label"]: region["strokes"] for region in record["regions"]}
        assert expected.items() <= composed.items()


def test_colours_reach_the_result(client: Client) -> None:
    told = json.dumps({"caption": "a red bus on a road"})
    record = client.predict(told, 7, colours={"road": "#404050"}, api_name="/compose")[2]
    found = {region["label"]: region for region in record["regions"]}
    assert found["bus"]["colour_names"] == ["red"]
    assert found["road"]["colours"] == ["#404050"]


def test_seeds_of_regions_and_labels_reach_the_result(client: Client) -> None:
    told = json.dumps({"caption": "a red bus on a road"})
    given = {"road": 5, "cow": 6}
    record = client.predict(told, 7, region_seeds=given, api_name="/compose")[2]
    seeds = {region["label"]: region["seed"] for region in record["regions"]}
    assert seeds == {"bus": None, "road": 5}
    assert record["label_seeds"] == {"cow": 6}


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ({"0": 9}, "Stroke 0 is bound to word 9, but the narrative has 2 strokes and 8 words"),
        ({"first": 1}, "bindings"),
        ({"0": "man"}, "bindings"),
        ([{"stroke": 0, "word": 1}, {"stroke": 0, "word": 2}], "binds stroke 0 twice"),
        ([{"word": 4, "label": "violin"}], "not a COCO-Stuff label"),
        ([{"word": 9, "label": "wood"}], "Word 9 is given"),
        ([7], "bindings"),
        ("dog", "bindings"),
    ],
)
def test_bad_bindings_are_answered_in_one_line(client: Client, bindings: Any, message: str) -> None:
    for name in ("/compose", "/align"):
        with pytest.raises(AppError, match=message) as raised:
            client.predict(json.dumps(VIOLIN), bindings=bindings, api_name=name)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "data"), [("compose", [HORSE, 7]), ("align", [HORSE])])
def test_plain_http_may_leave_out_the_bindings(address: str, name: str, data: list[Any]) -> None:
    asked = httpx.post(f"{address}/gradio_api/call/{name}", json={"data": data}, timeout=60)
    event = asked.json()["event_id"]
    answer = httpx.get(f"{address}/gradio_api/call/{name}/{event}", timeout=120)
    assert "event: complete" in answer.text
    assert "error" not in answer.text


def test_the_api_page_tells_of_bindings(client: Client) -> None:
    told = client.view_api(return_format="dict")["named_endpoints"]
    for endpoint in told.values():
        optional = {
            p["parameter_name"] for p in endpoint["parameters"] if p["parameter_has_default"]
        }
        assert "bindings" in optional
        assert "bindings" in endpoint["description"]
    for name in ("colours", "region_seeds"):
        assert name in {p["parameter_name"] for p in told["/compose"]["parameters"]}
        assert name in told["/compose"]["description"]


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


def answered(address: str, name: str, body: dict[str, Any], version: str = "") -> str:
    """What plain HTTP says in the end: of a refusal its detail, else the last event of a stream."""
    url = f"{address}/gradio_api/call/{version}{name}"
    asked = httpx.post(url, json=body, timeout=60)
    if asked.status_code != 200:
        return str(asked.json()["detail"])
    return httpx.get(f"{url}/{asked.json()['event_id']}", timeout=120).text


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("align", [5], "'narrative' is a number; expected Localized Narratives JSON"),
        ("align", [True], "'narrative' is true or false; expected"),
        ("align", [[1]], "'narrative' is a list; expected"),
        ("align", [], "'narrative' is missing; expected"),
        ("align", [None], "'narrative' is missing; expected"),
        ("compose", [HORSE, 1.5], "The seed (1.5) is no whole number; expected 0 to"),
        ("compose", [HORSE, True], "The seed (True) is no whole number"),
        ("compose", [HORSE, "7"], "The seed (7) is no whole number"),
        ("compose", [HORSE, 1, None, None, None, 4], "'moves' is no list"),
        ("compose", [HORSE, 1, None, None, None, [{"region": 99}]], "is of region 99"),
        ("compose", [HORSE, 1, None, None, None, None, 4], "'compose' takes"),
    ],
)
def test_a_wrong_argument_is_named_in_plain_text(
    address: str, name: str, data: list[Any], told: str
) -> None:
    answer = answered(address, name, {"data": data})
    assert told in answer
    assert "&#" not in answer


def test_a_narrative_may_be_an_object_and_a_seed_left_out_is_0(address: str) -> None:
    for body in ({"data": [json.loads(HORSE)]}, {"data": [HORSE, None]}):
        assert '"seed": 0' in answered(address, "compose", body)
    body = {"narrative": json.loads(HORSE), "seed": 4}
    assert '"seed": 4' in answered(address, "compose", body, "v2/")
    assert "The arguments do not fit" in answered(address, "compose", {"narr": 1}, "v2/")


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


def test_the_snippet_of_the_docs_runs(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (ROOT / "docs" / "using.md").read_text("utf-8")
    snippets = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    (snippet,) = [code for code in snippets if "gradio_client" in code]
    assert "http://127.0.0.1:7860" in snippet
    monkeypatch.chdir(ROOT)
    exec(snippet.replace("http://127.0.0.1:7860", address), {})
    assert "label_map.png" in capsys.readouterr().out
