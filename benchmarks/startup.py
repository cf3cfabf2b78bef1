"""How long until the studio answers, and until `trecs --help` is printed.

    python -m benchmarks.startup

Starts `make app` after set-up (run it once before) and waits for its first HTTP 200; prints a
Markdown table with the bar beside each figure.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP_BAR, HELP_BAR = 8.0, 0.5  # seconds, on two cores
PATIENCE = 120.0


def seconds_to_first_page() -> float:
    """From the start of `make app` to its first HTTP 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--silent", "app"],
        cwd=ROOT,
        env={**os.environ, "GRADIO_SERVER_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # so that make and the studio end together
    )
    try:
        while time.perf_counter() - began < PATIENCE:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
            if process.poll() is not None:
                raise SystemExit(f"`make app` ended with code {process.returncode}.")
        raise SystemExit(f"`make app` did not answer within {PATIENCE:g} s.")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def seconds_of_help() -> float:
    """One `trecs --help`."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "trecs", "--help"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    subprocess.run(["make", "--silent", ".venv/.installed"], cwd=ROOT, check=True)
    rows = (
        ("`make app` to the first HTTP 200", [seconds_to_first_page() for _ in range(3)], APP_BAR),
        ("`trecs --help`", [seconds_of_help() for _ in range(10)], HELP_BAR),
    )
    print("| | median (s) | worst (s) | bar (s) |\n| --- | --- | --- | --- |")
    for name, seconds, bar in rows:
        print(f"| {name} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | {bar:g} |")


if __name__ == "__main__":
    main()
