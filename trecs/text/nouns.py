"""Nouns of one or more words and the labels they name, found in a row of words."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Named:
    """A noun that was found: its singular, its label, whether plural, and how many words long."""

    noun: str
    label: int
    plural: bool
    length: int


@dataclass(frozen=True)
class Nouns:
    """All forms of nouns by their first word."""

    forms: dict[str, dict[str, Named]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[tuple[int, str, str]]) -> "Nouns":
        """From (label, singular, plural or ""); of two labels for one form the first counts."""
        nouns = cls()
        for label, singular, plural in entries:
            alike = singular == plural  # "sheep"
            nouns._add(singular, Named(singular, label, alike, len(singular.split())))
            if plural:
                nouns._add(plural, Named(singular, label, True, len(plural.split())))
        return nouns

    @property
    def labels(self) -> dict[str, int]:
        """The label of every form."""
        forms = (form for some in self.forms.values() for form in some.items())
        return {form.strip(): named.label for form, named in forms}

    def at(self, text: str, start: int) -> Named | None:
        """The longest noun in `text` from `start`; every word is followed by a space."""
        first = text[start : text.index(" ", start)]
        fitting = [
            n for form, n in self.forms.get(first, {}).items() if text.startswith(form, start)
        ]
        return max(fitting, key=lambda named: named.length, default=None)

    def _add(self, form: str, named: Named) -> None:
        self.forms.setdefault(form.split()[0], {}).setdefault(form + " ", named)
