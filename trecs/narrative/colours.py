"""Colours that a person has given the things of words, in files and over HTTP.

In files (`trecs_colours`) and over HTTP (`colours`) it is a list of {word, colour}: the number of a
word in `timed_caption`, from 0, and "#rrggbb", a name such as "red" or "dark green", or null: then
the thing has no colour of its own, whatever the words say.
"""

from collections.abc import Mapping
from typing import Any

from files.errors import InputError
from segmentation.colours import hex_of_text
from trecs.narrative.bindings import MOST


def read_colours(told: Any, name: str) -> dict[int, str]:
    """The colours of words that JSON values say, which messages call `name`.

    Raises InputError for all else.
    """
    colours: dict[int, str] = {}
    for i, item in enumerate(told if isinstance(told, list) else [told]):
        told_one: dict[str, Any] = item if isinstance(item, dict) else {}
        word, colour = told_one.get("word"), told_one.get("colour")
        usable = isinstance(colour, str | None) and "colour" in told_one
        if type(word) is not int or abs(word) > MOST or not usable:
            raise InputError(
                f"{name}[{i}] is not {{word, colour}} with the number of a word, from 0, and a "
                "colour such as '#c81e1e' or 'dark red', or null."
            )
        given = hex_of_text(str(colour)) if colour else ""
        if colours.setdefault(word, given) != given:
            raise InputError(f"{name} gives word {word} two colours; one is enough.")
    return colours


def colours_json(colours: Mapping[int, str]) -> list[dict[str, Any]]:
    """The list that `read_colours` reads."""
    return [{"word": word, "colour": colour or None} for word, colour in sorted(colours.items())]
