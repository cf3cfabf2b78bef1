"""How much one client, and all together, may ask of the page; docs/OPERATING.md tells of each."""

from dataclasses import dataclass

KB, MB = 2**10, 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of the server; `app.py` sets the first three.

    `queue`: events that wait. `places`: of these and of those in work, how many are one address's
    (an IPv6 network of 64 bits counts as one). `workers`: events in work at the same time.
    `session_places`: as `places`, of one page. `patience`: seconds that an event keeps its place
    while nobody listens for its answer. `kept`: seconds that an answer waits to be fetched.
    `upload`, `imported`, `body`, `small`: bytes of an uploaded file with its form, of a narrative's
    file in base64, of a JSON body that says what to draw, of any other body. `values`: in a body
    before a narrative in it is made a text; `other_values`, `depth`: after that. `held`: bytes of
    all bodies that are being read or wait.
    `reading`: seconds that a body may take to arrive. `free_disk`: bytes that uploads must leave
    free. `sessions`: pages whose results are remembered.
    """

    queue: int = 40
    places: int = 10
    workers: int = 1
    session_places: int = 5
    patience: float = 10.0
    kept: float = 60.0
    upload: int = 16 * MB
    imported: int = 22 * MB
    body: int = 12 * MB
    small: int = 64 * KB
    values: int = 500_000
    other_values: int = 5_000
    depth: int = 20
    held: int = 64 * MB
    reading: float = 60.0
    free_disk: int = 256 * MB
    sessions: int = 256
