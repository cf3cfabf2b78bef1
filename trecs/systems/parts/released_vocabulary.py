"""The vocabulary in the authors' captions.pickle, read without running anything in it."""

import io
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from files.errors import InputError
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

MOST_BYTES = 256 * 2**20  # COCO's has about 30 MB
WHAT = "the authors' captions.pickle"


class _Plain(pickle._Unpickler):
    """The unpickler in Python, whose memo grows with what is in it, not to a number in the file.

    Makes lists, dicts, strings and numbers; whatever must be looked up by name is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it holds '{module}.{name}'")


def read_vocabulary(path: Path) -> CaptionVocabulary:
    """The words of a captions.pickle, in the order of the text encoder's table.

    The file is a pickle of Python 2 or 3: [captions to train, captions to test, ixtoword,
    wordtoix]. Raises InputError where it is missing, damaged, or holds anything else; objects
    are not made, because they could run code.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}).") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"'{path}' is not {WHAT}: it has more than {MOST_BYTES // 2**20} MB.")
    try:
        record = _Plain(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # pickle raises whatever the bytes lead to
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise InputError(
            f"'{path}' is not {WHAT}: it is damaged, or holds objects other than lists, dicts, "
            f"words and numbers, which are not made because they could run code ({why})."
        ) from error
    return CaptionVocabulary(_words(record, path))


def _words(record: Any, path: Path) -> tuple[str, ...]:
    """The words by their numbers, which go from 0 on."""
    if not (isinstance(record, Sequence) and len(record) == 4):
        raise InputError(f"'{path}' is not {WHAT}.")
    by_number, by_word = record[2:]
    if not (isinstance(by_number, Mapping) and isinstance(by_word, Mapping)):
        raise InputError(f"'{path}' is not {WHAT}.")
    words = [by_number.get(number) for number in range(len(by_number))]
    for number, word in enumerate(words):
        if not (isinstance(word, str) and word and word.isprintable()):
            raise InputError(f"'{path}' is not {WHAT}: it has no word of number {number}.")
    if words[:1] != [END] or by_word != {word: number for number, word in enumerate(words)}:
        raise InputError(
            f"'{path}' is not {WHAT}: its words are not numbered alike both ways, each once and "
            f"{END} as 0."
        )
    return tuple(map(str, words))
