import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import UNLABELED, value_of
from trecs import narrative
from trecs.data.tagged import Noisy, lines, noisy, usable
from trecs.narrative import Narrative, Word

DOG, GRASS = value_of("dog"), value_of("grass")
LABELS = np.full((20, 20), GRASS, np.uint8)
LABELS[:, :8] = DOG
LABELS[15:, 15:] = UNLABELED

TOLD = Narrative(
    (Word("A", 0.0, 1.0), Word("Dog,", 5.0, 6.0), Word("-", 10.0, 11.0), Word("Gras", 15.0, 16.0)),
    (np.array([[0.2, 0.5, 5.5]]), np.array([[0.7, 0.5, 10.5], [0.7, 0.5, 15.5]])),
    annotator_id=4,
)


def labelled() -> Noisy:
    found = noisy(TOLD, 7, LABELS)
    assert found is not None
    return found


def test_words_are_normalised_and_punctuation_is_left_out() -> None:
    found = labelled()
    assert (found.image_id, found.annotator_id) == (7, 4)
    assert found.told.words == ("a", "dog", "gras")
    assert found.told.labels.tolist() == [DOG, DOG, GRASS]
    assert found.told.present.tolist() == sorted([DOG, GRASS])


def test_what_cannot_be_labelled_is_none() -> None:
    assert noisy(TOLD.without_trace(), 7, LABELS) is None
    assert noisy(replace(TOLD, words=(Word("-", 0.0, 20.0),)), 7, LABELS) is None
    assert noisy(TOLD, 7, np.full((4, 4), UNLABELED, np.uint8)) is None


def test_lines_of_the_released_format() -> None:
    (line,) = lines([labelled()], None)
    assert json.loads(line) == {
        "image_id": 7,
        "annotator_id": 4,
        "words": ["a", "dog", "gras"],
        "tags": ["dog", "dog", "grass"],
    }


def test_usable(tmp_path: Path) -> None:
    path = tmp_path / "told.jsonl"
    path.write_text(narrative.dumps(TOLD) + "\n{}\n" + narrative.dumps(TOLD) + "\n")
    found = list(usable(path))
    assert [isinstance(told, Narrative) for told in found] == [True, False, True]
    assert isinstance(found[0], Narrative)
    assert found[0].words[1].text == "Dog,"
    assert str(found[1]).startswith(f"line 2 of '{path}': This is JSON, but not")
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_bytes(f"{narrative.dumps(TOLD)}\r\n\r\n{narrative.dumps(TOLD)}".encode(encoding))
        assert [isinstance(told, Narrative) for told in usable(path)] == [True, True]
    path.write_bytes(narrative.dumps(TOLD).encode() + b'\n\n{"caption": "caf\xe9"}\n')
    with pytest.raises(InputError, match=r"told\.jsonl' is no text .*: line 3 is neither"):
        list(usable(path))
    with pytest.raises(InputError, match="cannot be read"):
        list(usable(tmp_path / "missing.jsonl"))
