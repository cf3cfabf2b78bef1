import json
from typing import Any

import pytest

from trecs.interface.bodies import Refused, checked
from trecs.interface.limits import Limits

LIMITS = Limits(values=1_000, other_values=50, depth=6)
TOLD = {
    "caption": 'a "dog", [not, a, list] {',
    "traces": [[{"x": i, "y": 0, "t": i}] for i in range(99)],
}


def test_a_narrative_goes_on_as_one_text() -> None:
    body = json.dumps({"data": [TOLD, 7], "session_hash": "s"}).encode()
    record = json.loads(checked(body, LIMITS))
    assert record["session_hash"] == "s"
    told, seed = record["data"]
    assert json.loads(told) == TOLD
    assert seed == 7
    assert (
        json.loads(
            json.loads(checked(json.dumps({"narrative": TOLD}).encode(), LIMITS))["narrative"]
        )
        == TOLD
    )


def test_marks_in_texts_do_not_count() -> None:
    text = json.dumps([[]] * 5_000) + '\\"'
    assert json.loads(checked(json.dumps({"data": [text]}).encode(), LIMITS)) == {"data": [text]}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"[" * 5_000, 413, "more than 1,000 values"),
        (b'{"data":[' + b"{}," * 1_000 + b"1]}", 413, "more than 1,000 values"),
        (b'{"data":[' + b"1," * 60 + b"1]}", 413, "more than 50 values"),
        (b'{"data":' + b"[" * 9 + b"]" * 9 + b"}", 413, "more than 6 levels"),
        (b'{"data": [NaN]}', 400, "not JSON"),
        (b'{"data": ["', 400, "not JSON"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[]", 400, "no JSON object"),
        (b"", 400, "not JSON"),
        (b'{"data": ["' + b'\\"' * 1_000_000, 400, "not JSON"),  # at once, not after hours
    ],
)
def test_what_would_become_large_is_refused_before(body: bytes, status: int, told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        checked(body, LIMITS)
    assert refused.value.status == status


def test_no_two_readers_see_different_bodies() -> None:
    twice: Any = b'{"data": [1], "data": [2]}'
    assert checked(twice, LIMITS) == b'{"data":[2]}'


@pytest.mark.parametrize("body", [b"{}", b'{"data": 5}', b'{"data": null}'])
def test_arguments_are_a_list(body: bytes) -> None:
    with pytest.raises(Refused, match='no list "data"'):
        checked(body, LIMITS, listed=True)
    assert checked(body, LIMITS)
