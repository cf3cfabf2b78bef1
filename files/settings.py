"""Whether what a JSON file says is of the type that a configuration declares."""

import math
import types
from typing import Any, Literal, Union, get_args, get_origin

TOLD = {
    int: "a whole number",
    float: "a finite number",
    bool: "true or false",
    str: "a text",
    type(None): "null",
}


def is_of(value: Any, hint: Any) -> bool:
    """Whether a value, lists as tuples, is of an annotated type; unknown types take everything.

    Whole numbers will do for floats, but neither 64.0 nor true for a whole number.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        return any(is_of(value, one) for one in arguments)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if arguments[1:] == (Ellipsis,):
            return all(is_of(item, arguments[0]) for item in value)
        return len(value) == len(arguments) and all(map(is_of, value, arguments))
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is hint if hint in TOLD else True


def told_type(hint: Any) -> str:
    """A type in words, such as "a whole number" or "a list of finite numbers"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(map(told_type, arguments))
    if origin is tuple:
        if arguments[1:] == (Ellipsis,):
            return f"a list, each item {told_type(arguments[0])}"
        return f"a list of {', '.join(map(told_type, arguments))}"
    return TOLD.get(hint, "another value")
