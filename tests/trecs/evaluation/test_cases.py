import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from segmentation.labels import NAMES
from tests.trecs.evaluation.tiny_run import DOG, GRASS, SKY, TAGS, WORDS, write_data
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import (
    BadCase,
    Case,
    SimulatedCases,
    TracedCases,
    cases_of,
    squeezed_labels,
)


def test_traced_narratives_come_with_what_is_known_of_their_photos(tmp_path: Path):
    cases = cases_of(Dataset(write_data(tmp_path, 3, bad=(2,))))
    assert isinstance(cases, TracedCases)
    first, bad, third = cases
    assert isinstance(first, Case)
    assert isinstance(bad, BadCase)
    assert isinstance(third, Case)
    assert (first.name, bad.name, third.name) == ("000001-1", "line-000002", "000003-3")
    assert "is not JSON" in bad.reason
    # The full stop is no word: the reference has no label for it.
    assert [word.text for word in first.narrative.words] == ["A", *WORDS[1:]]
    assert first.tags is not None
    assert first.tags.tolist() == list(TAGS)
    assert len(first.narrative.strokes) == 1
    assert first.image == tmp_path / "coco" / "images" / "000000000001.jpg"
    assert first.photo == "1"
    assert len(cases) == 3
    assert [case.name for case in cases] == [case.name for case in cases]


def test_without_photo_or_with_other_words_less_is_known(tmp_path: Path):
    write_data(tmp_path, 1)
    path = tmp_path / "narratives" / "localized_dev.jsonl"
    told = json.loads(path.read_text())
    others = [
        {**told, "image_id": "9"},
        {**told, "image_id": "../x"},
        {**told, "timed_caption": told["timed_caption"][:2]},
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in others))
    unknown, foreign, shorter = cases_of(Dataset(tmp_path))
    assert isinstance(unknown, Case)
    assert isinstance(foreign, Case)
    assert isinstance(shorter, Case)
    assert (unknown.image, unknown.labels, unknown.tags) == (None, None, None)
    assert foreign.name == "000002-___x"  # part of file names
    assert (shorter.image is not None, shorter.tags) == (True, None)


def test_fingerprints_tell_sources_apart(tmp_path: Path):
    first = cases_of(Dataset(write_data(tmp_path / "a", 2)))
    same = cases_of(Dataset(write_data(tmp_path / "b", 2)))
    other = cases_of(Dataset(write_data(tmp_path / "c", 3)))
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_without_traces_they_are_simulated(tmp_path: Path):
    write_data(tmp_path, 3)
    (tmp_path / "narratives" / "localized_dev.jsonl").unlink()
    cases = cases_of(Dataset(tmp_path))
    assert isinstance(cases, SimulatedCases)
    first, *_ = cases
    again, *_ = cases
    assert isinstance(first, Case)
    assert isinstance(again, Case)
    assert first.name == "000000-1"
    assert len(first.narrative.strokes) == 2  # the dog and the grass
    assert np.array_equal(first.narrative.strokes[0], again.narrative.strokes[0])
    assert first.tags is not None
    assert [NAMES[tag] for tag in first.tags] == [NAMES[tag] for tag in TAGS]


def test_a_folder_without_narratives_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="No narratives to draw"):
        cases_of(Dataset(tmp_path))


def test_squeezed_labels(tmp_path: Path):
    labels = np.full((40, 80), GRASS, np.uint8)
    labels[:20, :40] = SKY
    labels[20:, 40:] = DOG
    Image.fromarray(labels).save(tmp_path / "labels.png")
    squeezed = squeezed_labels(tmp_path / "labels.png", 2)
    assert squeezed is not None
    assert squeezed.tolist() == [[SKY, GRASS], [GRASS, DOG]]
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(tmp_path / "none.png")
    assert squeezed_labels(tmp_path / "none.png", 2) is None
    assert squeezed_labels(None, 2) is None
