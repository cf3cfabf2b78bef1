"""Who listens: the streams over which the answers of events are fetched, by session."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Listeners:
    """Counts the open streams of each session, and remembers when its last one was closed."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._left: dict[str, float] = {}

    @contextmanager
    def listening(self, session: str) -> Iterator[None]:
        """While the stream is open."""
        self._open[session] += 1
        try:
            yield
        finally:
            self._open[session] -= 1
            if not self._open[session]:
                del self._open[session]
                self._left[session] = time.monotonic()

    def alone_for(self, session: str, since: float) -> float:
        """Seconds for which nobody has listened to a session, `since` when at the longest."""
        if self._open[session]:
            return 0.0
        return time.monotonic() - max(since, self._left.get(session, 0.0))

    def forget(self, older: float) -> None:
        """Forgets the sessions that were left more than so many seconds ago."""
        now = time.monotonic()
        self._left = {name: left for name, left in self._left.items() if now - left < older}
