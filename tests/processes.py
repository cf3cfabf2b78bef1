"""Processes that die as a killed one does: at once, and without a last word."""

import os
from collections.abc import Callable
from typing import NoReturn

KILLED = 137
NOBODY = 65534  # a user who has nothing


def die(*_: object) -> NoReturn:
    """Ends this process on the spot."""
    os._exit(KILLED)


def in_a_child(work: Callable[[], object], user: int | None = None) -> int:
    """Does the work in a process of its own, as another `user` if root may; its exit code."""
    pid = os.fork()
    if not pid:
        try:
            if user is not None and os.geteuid() == 0:
                os.setuid(user)
            work()
        except BaseException as error:
            print(f"{type(error).__name__}: {error}")
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def dying_at(moment: int, owner: type, *names: str) -> Callable[[], bool]:
    """Makes the process die before the call number `moment`, from 0, of these methods together.

    Returns whether there were so many.
    """
    calls = iter(range(1_000_000))

    def watched(method: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            if next(calls) == moment:
                die()
            return method(*arguments, **more)

        return call

    for name in names:
        setattr(owner, name, watched(getattr(owner, name)))
    return lambda: next(calls) > moment
