import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.colours import ColourNames, lab_of_hex
from segmentation.labels import value_of
from trecs.cli import main
from trecs.data.dataset import Dataset
from trecs.evaluation.measures.colour_difference import ciede2000
from trecs.synthesis.said_colours import said_colours

DOG, GRASS, SKY = (value_of(name) for name in ("dog", "grass", "sky-other"))
WORDS = {
    "aa": ["a brown dog on green grass", "the brown dog is not black"],
    "ab": ["a black and white dog", "red clouds above"],
}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Two photos of the same: sky, grass, and a dog half of which is brown, half grey."""
    photo = np.full((80, 80, 3), (120, 150, 220), np.uint8)
    labels = np.full((80, 80), SKY, np.uint8)
    photo[40:], labels[40:] = (70, 130, 50), GRASS
    photo[50:70, 20:40], photo[50:70, 40:60], labels[50:70, 20:60] = (118, 80, 47), 128, DOG
    flickr = tmp_path / "flickr"
    lines = []
    for name, captions in WORDS.items():
        for part, pixels, kind in (("images", photo, "jpg"), ("labels", labels, "png")):
            (flickr / part).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(flickr / part / f"{name}.{kind}")
        lines += [json.dumps({"photo": name, "caption": one}) + "\n" for one in captions]
    (flickr / "captions.jsonl").write_text("".join(lines))
    return Dataset(tmp_path)


def test_regions_of_which_captions_say_a_colour(dataset: Dataset) -> None:
    found = list(said_colours(dataset, held_back=False))
    assert [(one.label, one.mention.colours) for one in found] == [
        (DOG, ("brown",)),
        (GRASS, ("green",)),
        (DOG, ("black", "white")),
        (SKY, ("red",)),  # the canvas has no clouds, but a sky
    ]
    assert list(said_colours(dataset, held_back=True)) == []
    dog = found[0]
    assert dog.region.sum() == pytest.approx(20 * 40 * (128 / 80) ** 2, rel=0.1)
    brown = lab_of_hex("#76502f")
    assert ciede2000(dog.called, brown) < 3  # the half that is called so, not the mean


def test_the_command_writes_what_is_read_back(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "colours.txt"
    assert main(["data", "colours", "--data", str(dataset.folder), "--out", str(out)]) == 0
    names = ColourNames.of(out.read_text().splitlines())
    assert set(names.named) == set(ColourNames.read().named)
    assert {key: count for key, (count, _) in names.seen.items()} == {
        ("brown", "*"): 1,
        ("brown", "dog"): 1,
        ("green", "*"): 1,
        ("green", "grass"): 1,
        ("red", "*"): 1,
        ("red", "sky-other"): 1,
    }
    assert ciede2000(names.seen["brown", "dog"][1], lab_of_hex("#76502f")) < 3
