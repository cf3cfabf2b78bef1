"""Localized Narratives with their traces, found by their tagged words.

`trecs data prepare` writes two files of the training narratives: `narratives/train.jsonl` with a
label for every word, without words that are punctuation alone, and
`narratives/localized_train.jsonl` with the times of the words and the trace.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from retrieval.words import normalise
from trecs import narrative
from trecs.data.dataset import TaggedNarrative
from trecs.narrative import Narrative


class TracedNarratives:
    """The traced narratives of a data folder; none where the file is missing.

    The file has gigabytes for the whole of COCO: only the places of its lines are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "narratives" / "localized_train.jsonl"
        self._starts: dict[tuple[int, int], list[int]] = {}
        for start, line in self._lines():
            told = narrative.loads(line, ignore_trace=True)
            self._starts.setdefault((int(told.image_id), told.annotator_id), []).append(start)

    def get(self, tagged: TaggedNarrative) -> Narrative | None:
        """The narrative with its trace, of exactly the tagged words; None where there is none.

        Raises InputError where its line cannot be used.
        """
        for start in self._starts.get((tagged.image_id, tagged.annotator_id), []):
            with self._path.open("rb") as file:
                file.seek(start)
                told = narrative.loads(file.readline())
            words = tuple(word for word in told.words if normalise(word.text))
            if tuple(normalise(word.text) for word in words) == tagged.words and told.strokes:
                return replace(told, words=words)
        return None

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line and where it starts in the file."""
        if not self._path.is_file():
            return
        with self._path.open("rb") as file:
            start = 0
            for line in file:
                if line.strip():
                    yield start, line
                start += len(line)
