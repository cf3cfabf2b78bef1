"""What could not be used of what was read: left out, counted, and the first few named."""

from collections.abc import Iterator

from files.errors import InputError

NAMED = 3  # of each reason


class LeftOut:
    """Counts by reason what is left out of so many things of a kind.

    `what`: their plural, "annotations". `total`: how many there were, for the summary. `strict`:
    the first one that cannot be used is refused in place of left out.
    """

    def __init__(self, what: str, total: int = 0, *, strict: bool = False) -> None:
        self.what, self.total, self.strict = what, total, strict
        self._named: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    def add(self, which: str, why: str, detail: str = "") -> None:
        """Leaves one out: `which` it is, `why`, in words that many can share, and in detail.

        Raises InputError where nothing may be left out.
        """
        if self.strict:
            told = detail if which in detail else f"{which} cannot be used: {detail or why}"
            raise InputError(
                f"{told.rstrip('.')}. Or leave --strict away: then such {self.what} are left out "
                "and counted."
            )
        self._counts[why] = self._counts.get(why, 0) + 1
        named = self._named.setdefault(why, [])
        if len(named) < NAMED:
            named.append(which)

    def lines(self) -> Iterator[str]:
        """A line to print: how many, why, and the first ones; none where all could be used."""
        if not self._counts:
            return
        reasons = []
        for why, count in sorted(self._counts.items(), key=lambda item: -item[1]):
            more = ", ..." if count > NAMED else ""
            reasons.append(f"{count:,} {why} ({', '.join(self._named[why])}{more})")
        yield f"left out {len(self):,} of {self.total:,} {self.what}: {'; '.join(reasons)}"
