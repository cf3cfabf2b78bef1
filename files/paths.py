"""Paths as people write them, on the command line and in environment variables."""

from pathlib import Path


def expanded(text: str) -> Path:
    """The path of a text; ~ is the home folder, where there is one of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
