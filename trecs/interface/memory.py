"""Memory of a server that stays up: what requests have freed goes back to the system.

glibc's allocator keeps a heap for each thread, and Gradio runs a request in any of forty threads:
each heap stays as large as the largest request it ever saw. Few heaps, given back when they are
empty, keep the process as small as its work. Elsewhere (musl, macOS, Windows) nothing is done.
"""

import ctypes
import sys
from functools import cache
from typing import Any

ARENAS = 2  # heaps
M_ARENA_MAX = -8  # of glibc's malloc.h


@cache
def _glibc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    known = all(hasattr(library, name) for name in ("gnu_get_libc_version", "malloc_trim"))
    return library if known else None


def bound() -> bool:
    """Bounds the number of heaps, before there are threads; returns whether it could."""
    library = _glibc()
    return library is not None and library.mallopt(M_ARENA_MAX, ARENAS) == 1


def trim() -> None:
    """Gives back to the system what is free; takes milliseconds, during which others go on."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)
