"""Hostile narratives: real ones mutated as JSON and as bytes, and such as hypothesis makes up.

A case is its seed: the same one makes the same bytes.
"""

import codecs
import copy
import json
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from trecs.interface.examples import examples
from trecs.narrative import dumps

MADE_UP = 100  # a case of so many is hypothesis's
FOUND = ("0-5000", "0-17918")
"""Seeds of cases that once were answered wrongly, which are always among those tried."""
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**400, -(10**18), 2**53, 0.5, -0.0, 1e308, 5e-324),
    *(
        math.nan,
        math.inf,
        -math.inf,
        "",
        " ",
        "0",
        "\x00",
        "\ud800",
        "三 👩‍🚀",
        "<b>",
        "a" * 10_000,
    ),
    *("dog " * 300, [], {}, [[]], [None], {"path": "/etc/passwd"}, {"x": 1, "y": 1, "t": 1}),
)
KEYS = ("caption", "timed_caption", "traces", "utterance", "start_time", "end_time", "x", "y", "t")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=12,
)
times = st.floats(-1, 1e6) | values
points = st.fixed_dictionaries(
    {}, optional={"x": st.floats(-1, 2), "y": st.floats(-1, 2), "t": times}
)
words = st.fixed_dictionaries(
    {"utterance": st.text(max_size=20) | st.sampled_from(("a dog", "sky", "two zebras"))},
    optional={"start_time": times, "end_time": times},
)
bindings = st.fixed_dictionaries(
    {"word": st.integers(-1, 3)},
    optional={"stroke": st.integers(-1, 3), "label": st.sampled_from(("dog", "sky-other", "?"))},
)
records = st.fixed_dictionaries(
    {"caption": st.text(max_size=20) | values},
    optional={
        "timed_caption": st.lists(words | values, max_size=5) | values,
        "traces": st.lists(st.lists(points | values, max_size=5), max_size=4) | values,
        "trecs_bindings": st.lists(bindings | values, max_size=3) | values,
        "image_id": values,
        "annotator_id": values,
    },
)
"""JSON values that are narratives or nearly so."""


class Mutator:
    """Makes hostile bytes of real narratives, the same of the same seed."""

    def __init__(self) -> None:
        self._real = [json.loads(dumps(example.narrative)) for example in examples()]

    def make(self, seed: str) -> bytes:
        """The bytes of a case."""
        rng = random.Random(seed)
        record = _thinned(copy.copy(rng.choice(self._real)), rng)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
            record = rng.choice(CHANGES)(record, rng)
        content = json.dumps(record, ensure_ascii=rng.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            content = rng.choice(DAMAGES)(content, rng)
        return content


def _thinned(record: Any, rng: random.Random) -> Any:
    """A copy with a few strokes of a few points, so that a million cases take minutes."""
    strokes = rng.sample(record["traces"], min(len(record["traces"]), rng.randint(0, 4)))
    traces = [copy.deepcopy(stroke[:: rng.randint(20, 90)]) for stroke in strokes]
    count = rng.randint(0, 12)
    timed = copy.deepcopy(record["timed_caption"][:count])
    bound = [{"stroke": rng.randrange(len(traces)), "word": rng.randint(0, 3)}] if traces else []
    more = {"trecs_bindings": bound} if rng.random() < 0.3 else {}
    return {**record, "timed_caption": timed, "traces": traces, **more}


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _place(record: Any, rng: random.Random) -> tuple[Any, Any] | None:
    """A container in a JSON value and one of its keys, on a random way down."""
    found, here = None, record
    while isinstance(here, dict | list) and here and (found is None or rng.random() < 0.7):
        key = rng.choice(list(here)) if isinstance(here, dict) else rng.randrange(len(here))
        found, here = (here, key), here[key]
    return found


def _list(record: Any, rng: random.Random) -> list[Any]:
    """A list in a JSON value; an empty one where the way down met none."""
    place = _place(record, rng)
    found = [at for at in (place or ()) if isinstance(at, list)]
    return found[0] if found else []


def _replaced(record: Any, rng: random.Random) -> Any:
    if not (place := _place(record, rng)):
        return copy.deepcopy(rng.choice(STRANGE))
    place[0][place[1]] = copy.deepcopy(rng.choice(STRANGE))
    return record


def _removed(record: Any, rng: random.Random) -> Any:
    if place := _place(record, rng):
        del place[0][place[1]]
    return record


def _moved(record: Any, rng: random.Random) -> Any:
    first, second = _place(record, rng), _place(record, rng)
    if first and second:
        first[0][first[1]] = copy.deepcopy(second[0][second[1]])
    return record


def _repeated(record: Any, rng: random.Random) -> Any:
    chosen = _list(record, rng)
    chosen.extend(copy.deepcopy(chosen[:20] * rng.choice((1, 1, 1, 3, 100))))
    return record


def _shuffled(record: Any, rng: random.Random) -> Any:
    rng.shuffle(_list(record, rng))
    return record


def _scaled(record: Any, rng: random.Random) -> Any:
    """Numbers of one name in other units, later, or backwards."""
    name, factor = rng.choice(KEYS[4:]), rng.choice((-1, 0, 1, 640, 1000))
    shift = rng.choice((0, 0, 1e-9, 100, 86_400, 1.7e9))
    first = rng.random()
    for at, key in list(_places(record)) if isinstance(record, dict | list) else ():
        if key == name and isinstance(at[key], int | float) and rng.random() > first:
            at[key] = at[key] * factor + shift if abs(at[key]) < 1e9 else at[key]
    return record


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randint(0, len(content))]


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content or b"{")
    for _ in range(rng.choice((1, 1, 4, 50))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _encoded(content: bytes, rng: random.Random) -> bytes:
    text = content.decode("utf-8", "replace").replace("\n", rng.choice(("\n", "\r\n", "\n\n")))
    return text.encode(rng.choice(("utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-7")))


def _framed(content: bytes, rng: random.Random) -> bytes:
    around = (b"\n", b" ", b"[", b"{", codecs.BOM_UTF8, b"\x00", b"\n{}", b"[" * 5000, content)
    return rng.choice((b"", *around)) + content + rng.choice((b"", *around))


CHANGES: tuple[Callable[[Any, random.Random], Any], ...] = (
    *(_replaced, _removed, _moved, _repeated, _shuffled, _scaled, _scaled),
)
DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _flipped, _encoded, _framed)


def cases(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many cases by their seeds, a hundredth of which hypothesis makes up, behind FOUND's."""
    mutator, made_up = Mutator(), max(count // MADE_UP, 1)
    for name in FOUND:
        yield name, mutator.make(name)
    for number in range(count - made_up):
        name = f"{seed}-{number}"
        yield name, mutator.make(name)
    for number, record in enumerate(from_nothing(made_up, seed)):
        text = json.dumps(record, ensure_ascii=False)
        yield f"{seed}-hypothesis-{number}", text.encode("utf-8", "surrogatepass")


def from_nothing(count: int, seed: int) -> list[Any]:
    """Hypothesis's records; the same of the same seed."""
    made: list[Any] = []
    quiet = settings(
        max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )

    @seeded(seed)
    @quiet
    @given(records)
    def keep(record: Any) -> None:
        made.append(record)

    keep()
    return made
