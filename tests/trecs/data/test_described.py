import json
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from tests.trecs.data.captioned import CAPTIONS, captioned
from tests.trecs.data.test_dataset import write_narratives, write_photo
from trecs.data.dataset import Dataset
from trecs.data.described import described_photos, load_squares, random_crops


def test_captions_and_narratives_of_a_photo_belong_together(tmp_path: Path) -> None:
    dataset = captioned(tmp_path)
    write_photo(tmp_path / "coco_mini", f"{5:012d}")
    write_photo(tmp_path / "coco_mini", f"{4:012d}")  # described in train, so a quarter is held
    write_narratives(tmp_path, "train", 4, 5)
    line = json.dumps({"image_id": 5, "caption": "Two dogs."})
    (tmp_path / "coco_mini" / "captions.jsonl").write_text(line + "\n")
    found = {one.photo.name: one.texts for one in described_photos(dataset)}
    assert found.pop(f"{5:012d}") == ("Two dogs.", "a dog")
    assert tuple(found.values()) == tuple((caption,) for caption in CAPTIONS)
    (held,) = described_photos(dataset, held_back=True)
    assert (held.photo.name, held.texts) == (f"{4:012d}", ("a dog",))


def test_photos_of_further_sets_are_those_that_are_asked_for(tmp_path: Path) -> None:
    dataset = captioned(tmp_path)
    write_photo(tmp_path / "coco_more", f"{5:012d}")
    rows = "photo,source,expected_accuracy\n000000000005,machine,0.7\n"
    (tmp_path / "coco_more" / "labels.csv").write_text(rows)
    write_narratives(tmp_path, "train", 5)
    assert len(described_photos(dataset)) == len(CAPTIONS)
    (more,) = described_photos(dataset, sets=("coco_more",))
    assert (more.photo.source, more.texts) == ("coco_more", ("a dog",))


@pytest.mark.parametrize(
    "line", ["{", '{"image_id": 5}', '{"image_id": "x", "caption": "A"}', "[]"]
)
def test_a_line_that_is_no_caption_is_named(tmp_path: Path, line: str) -> None:
    dataset = captioned(tmp_path)
    write_photo(tmp_path / "coco_mini", f"{5:012d}")
    (tmp_path / "coco_mini" / "captions.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=r"Line 1 of .*captions\.jsonl' is not a caption"):
        described_photos(dataset)


def test_photos_without_texts_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a caption or a narrative"):
        described_photos(Dataset(tmp_path))


def test_crops_are_windows_of_the_squeezed_photo(tmp_path: Path) -> None:
    photos = captioned(tmp_path).photos()
    squares = load_squares(photos, 64)
    assert squares.shape == (4, 76, 76, 3)
    crops = random_crops(squares, 64, np.random.default_rng(0))
    assert crops.shape == (4, 3, 64, 64)
    assert -1 <= crops.min() < crops.max() <= 1
    again = random_crops(squares, 64, np.random.default_rng(0))
    assert (crops == again).all()
    whole = random_crops(squares, 76, np.random.default_rng(0))[0].permute(1, 2, 0).numpy()
    pixels = ((whole + 1) * 127.5).round().astype(np.uint8)
    assert (pixels == squares[0]).all() or (pixels == squares[0, :, ::-1]).all()
