"""`trecs tag`: a label for every word of narratives, from standard input to standard output."""

import argparse
import sys
from itertools import islice
from typing import Any

from files.errors import InputError
from files.text import cleaned, numbered_lines
from trecs.commands import arguments

LINES_AT_ONCE = 64


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "tag",
        help="label every word of narratives",
        description=(
            "Reads a narrative a line from standard input and writes its labels a line to "
            "standard output: as many COCO-Stuff names as the line has words."
        ),
        epilog="example: trecs tag < words.txt > tags.txt",
    )
    arguments.add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from segmentation.labels import NAMES
    from trecs.hub import checkpoint_folder
    from trecs.tagging.tagger import Tagger

    tagger = Tagger.load(checkpoint_folder(args.checkpoint) / "tagger")
    at_once = 1 if sys.stdin.isatty() else LINES_AT_ONCE
    lines = numbered_lines(sys.stdin.buffer, "The input", empty=True)
    while some := list(islice(lines, at_once)):
        narratives = [_words(number, line) for number, line in some]
        for (number, _), words in zip(some, narratives, strict=True):
            try:
                tagger.check(words)
            except InputError as error:
                raise InputError(f"Line {number} of the input: {error}") from None
        for tags in tagger.tag_all(narratives):
            print(*(NAMES[label] for label in tags.labels))
        sys.stdout.flush()


def _words(number: int, line: str) -> list[str]:
    """The words of a line of the input; raises InputError where there are too many."""
    from trecs.narrative.narrative import MAX_WORDS

    words = cleaned(line).split()
    if len(words) > MAX_WORDS:
        raise InputError(
            f"Line {number} of the input has {len(words):,} words; at most {MAX_WORDS:,} are "
            "taken. Put each narrative on a line of its own."
        )
    return words
