"""The command line: finds the sub-command, and turns what goes wrong into a line and a code.

Exit codes: 0 done, 1 something broke, 2 bad input, 130 interrupted, 143 terminated.
"""

import argparse
import errno
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TextIO

from files import disk
from files.errors import InputError
from files.paths import expanded

COMMANDS = (
    *("draw", "systems", "tag", "render", "attngan", "library", "weights", "train", "evaluate"),
    "browse",
    *("data", "transcribe"),
)
BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ended
TERMINATED = 143  # ... that SIGTERM ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `trecs` with these arguments (the process's own by default); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        escape_unknown(stream)
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
        if told := _refusal(error):
            _complain(str(told))
            return 2
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


def escape_unknown(stream: TextIO) -> None:
    """Has a stream show characters that its encoding lacks as escapes, such as \\u732b.

    A terminal or a pipe in ASCII has no other way to show a name, and failing to would end a
    command whose work is done.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(TERMINATED)


class Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line, without the whole usage.

    Paths may begin with ~, which shells leave alone behind an equals sign.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register("type", Path, expanded)

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


def _refusal(error: Exception) -> InputError | None:
    """What a system refused that nobody expected it of: a write, or a path given for reading."""
    if not isinstance(error, OSError):
        return None
    if error.errno in disk.WRITING:
        return disk.refusal(error, error.filename or "The output")
    if isinstance(error, PermissionError) and error.filename:
        return InputError(
            f"'{error.filename}' cannot be used: this user may not. Give another, or change its "
            "permissions."
        )
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"'{str(error.filename)[:80]}...' is too long a path; shorten it.")
    return None


def _complain(message: str) -> None:
    """Prints one line, whatever the message quotes: no line breaks, no terminal sequences."""
    line = " ".join(message.split())
    print("trecs: " + "".join(c if c.isprintable() else "?" for c in line), file=sys.stderr)


def _version() -> str:
    try:
        return version("trecs-studio")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(not installed)"
