"""JSON bodies, bounded before anything is made of them, and small when Gradio gets them.

Gradio checks and copies every value of a body on the thread that answers everybody. So narratives
that are given as objects become texts here, on another thread, and what remains has few values.
"""

import base64
from typing import Any

import orjson

from files.errors import InputError
from trecs.interface.limits import Limits
from trecs.interface.texts import text

_NARRATIVE = {"caption", "timed_caption", "traces"}


class Refused(Exception):
    """A body that cannot be taken: the HTTP status, and why in words."""

    def __init__(self, status: int, told: str, retry_after: int | None = None) -> None:
        super().__init__(told)
        self.status, self.told, self.retry_after = status, told, retry_after


def checked(body: bytes, limits: Limits, *, listed: bool = False) -> bytes:
    """The body as it may go on; raises Refused for what is no JSON object or holds too much.

    `listed`: it must have a list of arguments as "data".
    """
    check_values(body, limits)
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"The body is not JSON ({error}).") from error
    if not isinstance(record, dict):
        raise Refused(400, 'The body is no JSON object; expected {"data": [...]}.')
    record = {name: _lifted(value) for name, value in record.items()}
    if listed and not isinstance(record.get("data"), list):
        raise Refused(400, 'The body has no list "data"; expected {"data": [argument, ...]}.')
    if isinstance(record.get("data"), list):
        record["data"] = [_lifted(value) for value in record["data"]]
    _check_size(record, limits)
    return orjson.dumps(record)


def check_values(content: bytes, limits: Limits) -> None:
    """Raises Refused where JSON has more values than may be made of it."""
    plain = content.replace(b"\\\\", b"").replace(b'\\"', b"")  # every quote is a text's end now
    marks = b"".join(plain.split(b'"')[::2])
    if sum(marks.count(mark) for mark in (b",", b"[", b"{")) > limits.values:
        raise Refused(413, text("messages.too_many_values", most=f"{limits.values:,}"))


def _lifted(value: Any) -> Any:
    """A narrative that is an object as a text; anything else as it is."""
    if isinstance(value, dict) and _NARRATIVE & value.keys():
        return orjson.dumps(value).decode()
    return value


def _check_size(record: Any, limits: Limits) -> None:
    count, level = 0, [record]
    for depth in range(limits.depth + 1):
        count += len(level)
        if count > limits.other_values:
            raise Refused(
                413,
                f"The body has more than {limits.other_values:,} values that are no narrative; "
                "send a narrative as one object, or as a text.",
            )
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
        if depth == limits.depth:
            raise Refused(413, f"The body is nested more than {limits.depth} levels deep.")


def from_base64(content: object) -> bytes:
    """The bytes of a file as the sheet sends it; raises InputError where it sent something else."""
    try:
        return base64.b64decode(content, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InputError(text("messages.not_whole")) from error
