"""`trecs transcribe`: the words of a recording, with their times, as a narrative."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "transcribe",
        help="write down what a recording says, with the times of its words",
        description=(
            "Recognises a recording on this machine (the extra `speech`: pip install '.[speech]') "
            "and writes its words and their times as Localized Narratives JSON."
        ),
        epilog="example: trecs transcribe voice.wav --out narrative.json",
    )
    parser.add_argument("sound", type=Path, metavar="SOUND", help="WAV, Ogg, MP3, ...")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="narrative to write"
    )
    arguments.add_speech(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    import os

    from files.errors import InputError
    from files.whole import write_atomically
    from trecs.commands.output import check_file
    from trecs.narrative import Narrative, dumps
    from trecs.narrative.narrative import Word
    from trecs.speech.recogniser import Recogniser
    from trecs.speech.sound import RATE, pieces, read_sound

    check_file(args.out)
    recogniser = Recogniser(args.speech)
    recogniser.check()
    words: list[Word] = []
    for first, piece in pieces(read_sound(args.sound)):
        start = first / RATE
        words += [Word(w.text, start + w.start, start + w.end) for w in recogniser.words(piece)]
    if not words:
        raise InputError(f"Nobody is heard to speak in '{args.sound}'.")
    beside = os.path.relpath(args.sound, args.out.absolute().parent)
    told = Narrative(tuple(words), voice_recording=Path(beside).as_posix())
    write_atomically(args.out, (dumps(told) + "\n").encode())
    print(f"{args.out}: {len(words)} words")
