"""What the user said and drew, and the Localized Narratives file format."""

from trecs.narrative.bindings import Bindings
from trecs.narrative.localized import dumps, loads, read
from trecs.narrative.narrative import SECONDS_PER_WORD, Narrative, Word, from_text

__all__ = [
    "SECONDS_PER_WORD",
    "Bindings",
    "Narrative",
    "Word",
    "dumps",
    "from_text",
    "loads",
    "read",
]
