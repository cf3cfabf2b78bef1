"""The human study: pairs of pictures, blind, and how often each system is preferred.

As in the paper (section 4): of two systems' pictures of one narrative people choose the more
realistic one and the one that fits the text better. Order and sides are fixed by the participant's
name alone, so that whoever comes back goes on; the seeds and the answers' storage are ours.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from files.errors import InputError
from trecs.data.dataset import Dataset, data_folder
from trecs.evaluation.cases import Case, cases_of
from trecs.evaluation.measures.bootstrap import NORMAL
from trecs.evaluation.run_folder import RunFolder
from trecs.systems import registry

FILE = "study.sqlite"
QUESTIONS = ("realism", "match")  # which looks more like a photo, and which fits the description
TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    participant TEXT, case_name TEXT, take INTEGER, first TEXT, second TEXT, question TEXT,
    left TEXT, chosen TEXT, time REAL,
    PRIMARY KEY (participant, case_name, take, first, second, question)
)"""


@dataclass(frozen=True)
class Pair:
    """Two systems' pictures of one take of a case."""

    case: str
    take: int
    first: str
    second: str


@dataclass(frozen=True)
class Trial:
    """A pair as a participant sees it: the systems left and right."""

    pair: Pair
    left: str
    right: str


@dataclass(frozen=True)
class Answer:
    """Which system a participant chose."""

    participant: str
    trial: Trial
    question: str
    chosen: str


@dataclass(frozen=True)
class Preference:
    """How often `first` was chosen over `second`, and by how many participants it was asked."""

    question: str
    first: str
    second: str
    wins: int
    count: int
    participants: int


class Study:
    """The pairs of an evaluation's folder, the narratives' texts, and the answers so far.

    Raises InputError where the folder is no evaluation or has no two systems to compare.
    """

    def __init__(self, folder: Path) -> None:
        self.run = RunFolder(folder)
        asked = self.run.settings().asked
        self.captions = {
            case.name: case.narrative.caption
            for case in cases_of(Dataset(data_folder(Path(asked["data"]))))
            if isinstance(case, Case)
        }
        self.pairs = list(self._pairs())
        if not self.pairs:
            raise InputError(
                f"'{folder}' has no narrative that two systems drew; draw more of them with "
                "`trecs evaluate`."
            )
        self.answers = Answers(folder / FILE)

    def trials(self, participant: str, count: int) -> list[Trial]:
        """The pairs that a participant is shown, in order, answered ones too."""

        def chance(pair: Pair) -> bytes:
            return hashlib.sha256(f"{participant}\n{pair}".encode()).digest()

        shown = sorted(self.pairs, key=chance)[:count]
        return [
            Trial(p, p.first, p.second) if chance(p)[-1] % 2 else Trial(p, p.second, p.first)
            for p in shown
        ]

    def _pairs(self) -> Iterator[Pair]:
        drawn: dict[tuple[str, int], set[str]] = {}
        names = registry.names()
        for one in self.run.drawn():
            if one.key.case in self.captions and one.key.system in names:
                drawn.setdefault((one.key.case, one.key.take), set()).add(one.key.system)
        for (case, take), systems in sorted(drawn.items()):
            for first, second in combinations([name for name in names if name in systems], 2):
                yield Pair(case, take, first, second)


class Answers:
    """Answers in an SQLite file; each is on disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, answer: Answer) -> None:
        """Stores an answer; who answers a question again changes nothing."""
        pair = answer.trial.pair
        row = (
            answer.participant,
            pair.case,
            pair.take,
            pair.first,
            pair.second,
            answer.question,
            answer.trial.left,
            answer.chosen,
            time.time(),
        )
        with closing(self._connect()) as connection, connection:
            connection.execute("INSERT OR IGNORE INTO answers VALUES (?,?,?,?,?,?,?,?,?)", row)

    def all(self) -> list[Answer]:
        """All answers, in the order in which they were given."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT participant, case_name, take, first, second, question, left, chosen "
                "FROM answers ORDER BY time"
            ).fetchall()
        answers = []
        for participant, case, take, first, second, question, left, chosen in rows:
            right = second if left == first else first
            trial = Trial(Pair(case, take, first, second), left, right)
            answers.append(Answer(participant, trial, question, chosen))
        return answers

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        connection.execute(TABLE)
        return connection


def preferences(answers: Iterable[Answer]) -> list[Preference]:
    """How often each system was chosen over each other, by question."""
    asked: dict[tuple[str, str, str], list[Answer]] = {}
    for answer in answers:
        pair = answer.trial.pair
        asked.setdefault((answer.question, pair.first, pair.second), []).append(answer)
    return [
        Preference(
            question,
            first,
            second,
            sum(answer.chosen == first for answer in some),
            len(some),
            len({answer.participant for answer in some}),
        )
        for (question, first, second), some in sorted(asked.items())
    ]


def wilson(wins: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0 to 1, of which `wins` of `count` were seen.

    Wilson, JASA 1927; unlike the normal interval it holds for few answers and shares near 0 and 1.
    """
    share, z = wins / count, NORMAL
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count)
    reach *= (share * (1 - share) / count + z**2 / (4 * count**2)) ** 0.5
    return middle - reach, middle + reach


def table(found: Sequence[Preference]) -> str:
    """The win rates as a Markdown table, and what their intervals leave out."""
    if not found:
        return "No answers yet."
    lines = [
        "| question | system | against | preferred | answers | participants |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    cards = registry.cards()
    for one in found:
        low, high = wilson(one.wins, one.count)
        share = f"{one.wins / one.count:.3f} ({low:.3f} to {high:.3f})"
        first, second = cards[one.first].title, cards[one.second].title
        cells = (one.question, first, second, share, str(one.count), str(one.participants))
        lines.append(f"| {' | '.join(cells)} |")
    return (
        "\n".join(lines) + "\n\nIntervals: 95 %, Wilson, as if every answer were independent; "
        "answers of one participant are not quite."
    )
