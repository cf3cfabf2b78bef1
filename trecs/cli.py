"""The command line: finds the sub-command, and turns what goes wrong into a line and a code.

Exit codes: 0 done, 1 something broke, 2 bad input, 130 interrupted, 143 terminated.
"""

import argparse
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from typing import NoReturn

from files.errors import InputError

COMMANDS = (
    *("draw", "systems", "tag", "render", "attngan", "library", "weights", "train", "evaluate"),
    "data",
)
BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ended
TERMINATED = 143  # ... that SIGTERM ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `trecs` with these arguments (the process's own by default); returns the exit code."""
    try:
        args = _parser().parse_args(argv)
    except InputError as error:  # the card of a system, of which the parser tells
        _complain(str(error))
        return 2
    in_charge = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    if in_charge:
        signal.signal(signal.SIGTERM, _end)  # so that nothing unfinished is left lying about
    try:
        code = args.run(args) or 0
        sys.stdout.flush()
        return int(code)
    except InputError as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # What reads our output has ended (`trecs ... | head`). Python would complain once more
        # when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:
        if args.debug:
            traceback.print_exc()
        else:
            _complain(
                f"{type(error).__name__}: {error} (run with --debug for the traceback: "
                "trecs --debug ...)"
            )
        return 1
    finally:
        if in_charge:
            signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(TERMINATED)


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Exits with code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="trecs",
        description="Words and mouse traces to segmentation canvases and images.",
        epilog="example: trecs draw narrative.json --out drawing",
    )
    parser.add_argument("--version", action="version", version=f"trecs {_version()}")
    parser.add_argument(
        "--debug", action="store_true", help="show the traceback of an unexpected error"
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"trecs.commands.{name}").add_parser(subparsers)
    return parser


def _complain(message: str) -> None:
    """Prints one line, whatever the message quotes: no line breaks, no terminal sequences."""
    line = " ".join(message.split())
    print("trecs: " + "".join(c if c.isprintable() else "?" for c in line), file=sys.stderr)


def _version() -> str:
    try:
        return version("trecs-studio")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(not installed)"
