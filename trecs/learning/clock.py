"""When a run is to save and when it is to end: its minutes, and signals that ask it to stop."""

import signal
import threading
import time
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Clock:
    """Counts from its making; from then on SIGTERM and Ctrl-C ask for the end, until `release`.

    `spent_before`: minutes of the processors that the run used before it was stopped.
    """

    def __init__(
        self, minutes: float | None, cpu_minutes: float | None, save_minutes: float
    ) -> None:
        """The arguments of `Run`."""
        self.spent_before = 0.0
        self._ends_at = time.monotonic() + minutes * 60 if minutes is not None else None
        self._most_cpu_minutes, self._cpu_began = cpu_minutes, time.process_time()
        self._save_seconds, self._saved_at = save_minutes * 60, time.monotonic()
        self._asked_to_stop = False
        self._handlers: dict[signal.Signals, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for name in SIGNALS:
                self._handlers[name] = signal.signal(name, self._ask_to_stop)

    @property
    def cpu_minutes(self) -> float:
        """Minutes of the processors that the run has used in all."""
        return self.spent_before + (time.process_time() - self._cpu_began) / 60

    def over(self) -> bool:
        """Whether the run is asked to stop or its time is up."""
        out_of_time = self._ends_at is not None and time.monotonic() >= self._ends_at
        most = self._most_cpu_minutes
        return self._asked_to_stop or out_of_time or (most is not None and self.cpu_minutes >= most)

    def time_to_save(self) -> bool:
        """Whether the last save is long enough ago."""
        return time.monotonic() - self._saved_at >= self._save_seconds

    def saving(self) -> None:
        """Counts the time to the next save from now on."""
        self._saved_at = time.monotonic()

    def release(self) -> None:
        """Gives the signals back to who had them."""
        for name, handler in self._handlers.items():
            signal.signal(name, handler)
        self._handlers.clear()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True


class Laps:
    """A clock of stages."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap, or since the start."""
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return seconds
