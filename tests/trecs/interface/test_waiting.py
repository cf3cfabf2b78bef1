"""The queue over HTTP: places, who listens, and what those are told who find no place."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.trecs.interface.served import served
from trecs.interface.limits import Limits
from trecs.interface.texts import text


def until(true: Callable[[], object]) -> None:
    """Waits for what must come to be true."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("It did not happen within 30 seconds.")


def refused(answer: httpx.Response, why: str) -> None:
    seconds = answer.headers["retry-after"]
    assert answer.status_code == 429
    assert why in answer.json()["detail"]
    assert f"Try again in {seconds} second" in answer.json()["detail"]


def test_one_address_gets_its_places_and_others_theirs() -> None:
    limits = Limits(queue=6, places=2, workers=1)
    with served(limits, proxy="127.0.0.1") as it:
        events = [it.post("echo", f"first {i}", address="10.1.1.1") for i in range(2)]
        assert [answer.status_code for answer in events] == [200, 200]
        refused(it.post("echo", "third", address="10.1.1.1"), "2 requests from your address")
        for address in ("10.1.1.2", "2001:db8::1", "10.1.1.3"):
            assert it.post("echo", address, address=address).status_code == 200
        assert it.post("echo", "same network", address="2001:db8::2").status_code == 200
        refused(it.post("echo", "third", address="2001:db8::3"), "2 requests from your address")
        until(it.begun.is_set)
        assert it.post("echo", "the last", address="10.1.1.4").status_code == 200
        refused(it.post("echo", "too many", address="10.1.1.5"), "The studio is busy: 6 requests")
        it.go.set()
        answer = it.answer("echo", events[0].json()["event_id"])
        assert '"first 0"' in answer


def test_nobody_is_believed_who_says_that_he_is_a_proxy() -> None:
    with served(Limits(places=2)) as it:
        answers = [it.post("echo", "x", address=f"10.0.0.{i}") for i in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_session_gets_its_places() -> None:
    with served(Limits(session_places=1)) as it:
        body = {"data": ["x"], "fn_index": 0, "session_hash": "one"}
        url = f"{it.address}/gradio_api/queue/join"
        assert httpx.post(url, json=body).status_code == 200
        refused(httpx.post(url, json=body), "1 requests of this page")
        assert httpx.post(url, json={**body, "session_hash": "other"}).status_code == 200


def test_who_does_not_listen_loses_the_place_and_who_listens_keeps_it() -> None:
    with served(Limits(workers=1, patience=0.5)) as it:
        first = it.post("echo", "in work").json()["event_id"]
        with httpx.stream("GET", f"{it.address}/gradio_api/call/echo/{first}", timeout=60) as heard:
            until(it.begun.is_set)
            left = it.post("echo", "unheard").json()["event_id"]
            until(lambda: left not in it.waiting.event_ids_to_events)
            assert first in it.waiting.event_ids_to_events
            it.go.set()
            assert '"in work"' in heard.read().decode()
        assert "Nobody listened" in it.answer("echo", left)
        assert it.done == ["in work"]


def test_work_whose_client_left_ends_between_its_stages() -> None:
    with served(Limits(workers=1)) as it:
        event = it.post("stages", "left").json()["event_id"]
        with httpx.stream("GET", f"{it.address}/gradio_api/call/stages/{event}", timeout=60):
            until(it.begun.is_set)
        until(lambda: not it.waiting.event_ids_to_events[event].alive)
        it.go.set()
        until(lambda: not it.waiting.event_ids_to_events)
        assert it.done == []


def test_an_answer_that_nobody_fetches_is_not_kept_for_ever() -> None:
    with served(Limits(kept=0.5)) as it:
        it.go.set()
        assert it.post("echo", "unheard").status_code == 200
        until(lambda: it.done)
        until(lambda: not it.waiting.pending_messages_per_session)
        assert not it.waiting.pending_event_ids_session


def test_a_call_leaves_no_session_behind_and_a_page_keeps_its_own() -> None:
    with served(Limits()) as it:
        it.go.set()
        kept = it.page.state_holder.session_data if it.page else {}
        event = it.post("echo", "called").json()["event_id"]
        assert '"called"' in it.answer("echo", event)
        body = {"data": ["of a page"], "fn_index": 0, "session_hash": "page"}
        assert httpx.post(f"{it.address}/gradio_api/queue/join", json=body).status_code == 200
        until(lambda: it.done == ["called", "of a page"])
        until(lambda: list(kept) == ["page"])


def test_every_failure_has_words() -> None:
    with served(Limits()) as it:
        event = it.post("broken", "a secret").json()["event_id"]
        told = it.answer("broken", event)
        assert text("messages.unexpected") in told
        assert "secret" not in told
        assert it.post("echo", 1, 2).json()["detail"].startswith("'echo' takes 1 values (text)")
        body = {"data": [], "fn_index": 99, "session_hash": "one"}
        answer = httpx.post(f"{it.address}/gradio_api/queue/join", json=body)
        assert (answer.status_code, answer.json()["detail"][:22]) == (404, "There is no such event")
