"""What threads have freed goes back to the system."""

import platform
import subprocess
import sys

import pytest

# Forty threads, one after the other as a server's, each with blocks small enough for its own heap.
THREADS = """
import os, sys, threading
from benchmarks.soak import resident
from trecs.interface import memory

if sys.argv[1] == "bound":
    assert memory.bound()
together = threading.Barrier(40)

def work():
    together.wait()
    blocks = [bytes(60_000) for _ in range(100)]
    together.wait()
    kept.append(bytes(60_000))  # what keeps a heap from its end

kept = []
before = resident(os.getpid())
threads = [threading.Thread(target=work) for _ in range(40)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if sys.argv[1] == "bound":
    memory.trim()
print(resident(os.getpid()) - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator is glibc's")
def test_what_was_freed_is_given_back() -> None:
    def grown(how: str) -> int:
        command = [sys.executable, "-c", THREADS, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert grown("bound") < 0.3 * grown("as it is")
