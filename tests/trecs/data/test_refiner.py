import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from segmentation.labels import value_of
from trecs import narrative
from trecs.cli import main
from trecs.commands import arguments
from trecs.data.refinement import LabelRefiner, RefinerConfig
from trecs.data.refiner import train
from trecs.narrative import Narrative, Word

DOG, GRASS = value_of("dog"), value_of("grass")
PLACES = {"dog": 0.2, "grass": 0.8}


def told(words: str, drawn: str, image_id: str = "7") -> str:
    """A narrative with a word every five seconds and a point drawn in each."""
    spoken = [Word(word, i * 5.0, i * 5.0 + 1) for i, word in enumerate(words.split())]
    points = [np.array([[PLACES[name], 0.5, i * 5.0]]) for i, name in enumerate(drawn.split())]
    return narrative.dumps(Narrative(tuple(spoken), tuple(points), image_id)) + "\n"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    label_map = np.full((20, 20), GRASS, np.uint8)
    label_map[:, :10] = DOG
    Image.fromarray(label_map).save(folder / "000000000007.png")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    usual = [told("dog dog dog", "dog dog dog"), told("grass grass", "grass grass")] * 20
    first.write_text("".join(usual))
    second.write_text(told("dog dog dog", "dog grass dog") + "{}\n" + told("dog", "dog", "8"))
    return [first, second]


def tags(path: Path) -> list[list[str]]:
    return [json.loads(line)["tags"] for line in path.read_text().splitlines()]


def test_refines_all_files_with_one_statistic(
    files: list[Path], labels: Path, tmp_path: Path
) -> None:
    counts = train(RefinerConfig(), files, labels, tmp_path / "out")
    assert (counts.narratives, counts.unusable, counts.without_map) == (41, 1, 1)
    assert tags(tmp_path / "out/tags/second.jsonl") == [["dog"] * 3]
    assert tags(tmp_path / "out/tags/first.jsonl")[:2] == [["dog"] * 3, ["grass"] * 2]
    refiner = LabelRefiner.load(tmp_path / "out/model")
    assert refiner.vocabulary.words == ("<unk>", "dog", "grass")


def test_the_command(
    files: list[Path], labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments_given = [str(path) for path in files] + ["--labels", str(labels), "--out", str(out)]
    assert main(["train", "refiner", *arguments_given, "--hull-odds", "1"]) == 0
    assert "41 narratives; left out: 1 unusable lines, 1 narratives" in capsys.readouterr().out
    assert LabelRefiner.load(out / "model").config == RefinerConfig()


def test_the_commands_trust_in_the_trace_is_the_best_measured() -> None:
    parser = argparse.ArgumentParser()
    arguments.add_hull_odds(parser)
    assert parser.parse_args([]).hull_odds == RefinerConfig.with_trace().hull_odds
    with pytest.raises(SystemExit):
        parser.parse_args(["--hull-odds", "0.5"])


def test_bad_input(files: list[Path], labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match="one name"):
        train(RefinerConfig(), [files[0], files[0]], labels, out)
    with pytest.raises(InputError, match="No label maps"):
        train(RefinerConfig(), files, tmp_path, out)
    files[1].write_text("{}\n" + told("dog", "dog", "8"))
    with pytest.raises(InputError, match=r"1 lines are no .* 1 narratives have no label map"):
        train(RefinerConfig(), files[1:], labels, out)
    assert not out.exists()
