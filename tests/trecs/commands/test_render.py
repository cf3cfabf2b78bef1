from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from files.weights import save_weights
from segmentation.labels import value_of
from trecs.cli import main
from trecs.synthesis.generator import Generator
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator

GRASS, PERSON = value_of("grass"), value_of("person")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder with an untrained, tiny generator."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("checkpoint")
    config = SpadeConfig.tiny()
    save_weights(folder / "generator", "generator", config, SpadeGenerator(config).state_dict())
    return folder


@pytest.fixture
def label_map(tmp_path: Path) -> Path:
    """Two people on grass."""
    labels = np.full((64, 96), GRASS, np.uint8)
    labels[20:50, 10:30] = labels[20:50, 60:80] = PERSON
    path = tmp_path / "label_map.png"
    Image.fromarray(labels).save(path)
    return path


def render(tiny: Path, label_map: Path, *more: str) -> int:
    out = label_map.parent / "image.png"
    return main(["render", str(label_map), "--out", str(out), "--checkpoint", str(tiny), *more])


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_renders_a_picture_by_seed(tiny: Path, label_map: Path) -> None:
    image = label_map.parent / "image.png"
    assert render(tiny, label_map, "--seed", "3") == 0
    first = pixels(image)
    assert (first.shape, first.dtype) == ((256, 256, 3), np.uint8)
    assert render(tiny, label_map, "--seed", "3") == 0
    assert np.array_equal(pixels(image), first)
    assert render(tiny, label_map, "--seed", "4294967295") == 0
    assert not np.array_equal(pixels(image), first)


def test_an_instance_map_is_taken_and_else_made(tiny: Path, label_map: Path) -> None:
    image = label_map.parent / "image.png"
    assert render(tiny, label_map) == 0
    made = pixels(image)
    instances = np.zeros((64, 96), np.uint16)
    instances[20:50, 10:30], instances[20:50, 60:80] = 1, 2
    path = label_map.parent / "instances.png"
    Image.fromarray(instances).save(path)
    assert render(tiny, label_map, "--instances", str(path)) == 0
    assert np.array_equal(pixels(image), made)
    instances[20:35, 10:30] = 300  # one person becomes two: an edge appears
    Image.fromarray(instances).save(path)
    assert render(tiny, label_map, "--instances", str(path)) == 0
    assert not np.array_equal(pixels(image), made)


def test_the_checkpoint_is_the_generator_itself(tiny: Path) -> None:
    assert Generator.load(tiny / "generator").network.config == SpadeConfig.tiny()


def broken(kind: str, path: Path) -> Path:
    """Writes an unusable label map of this kind."""
    grey = np.full((64, 64), GRASS, np.uint8)
    if kind == "colour":
        Image.fromarray(grey).convert("RGB").save(path)
    elif kind == "16 bit":
        Image.fromarray(grey.astype(np.uint16)).save(path)
    elif kind == "unused values":
        Image.fromarray(grey + 70).save(path)
    elif kind == "too large":
        Image.fromarray(np.full((8, 5000), GRASS, np.uint8)).save(path)
    elif kind == "50 MB":
        path.write_bytes(bytes(50_000_000))
    elif kind == "truncated":
        Image.fromarray(np.random.default_rng(0).integers(0, 90, (64, 64), np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("<html>")
    elif kind == "folder":
        path.mkdir()
    return path


BROKEN = {
    "colour": "has mode RGB",
    "16 bit": "has mode I;16",
    "unused values": "values 193",
    "too large": "is 5000x8; at most 2048x2048",
    "50 MB": "has 48 MB; at most 16 MB",
    "truncated": "cannot be read as a picture",
    "empty": "cannot be read as a picture",
    "text": "cannot be read as a picture",
    "folder": "cannot be read as a picture",
    "missing": "cannot be read as a picture",
}


@pytest.mark.parametrize(
    ("which", "kind", "message"),
    [
        *(("label map", kind, message) for kind, message in BROKEN.items()),
        *(
            ("instance map", kind, message)
            for kind, message in BROKEN.items()
            if kind not in ("16 bit", "unused values")  # fine for instances
        ),
    ],
)
def test_unusable_maps_are_one_line_and_code_2(
    which: str,
    kind: str,
    message: str,
    tiny: Path,
    label_map: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = broken(kind, label_map.parent / "wrong.png")
    code = (
        render(tiny, wrong)
        if which == "label map"
        else render(tiny, label_map, "--instances", str(wrong))
    )
    assert code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"trecs: The {which}")
    assert message in error
    assert error.count("\n") == 1
    assert not (label_map.parent / "image.png").exists()


def test_an_instance_map_of_another_size_is_refused(
    tiny: Path, label_map: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = label_map.parent / "other.png"
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(other)
    assert render(tiny, label_map, "--instances", str(other)) == 2
    assert "64x64 but the label map is 96x64" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_refused(
    tiny: Path, label_map: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["render", str(label_map), "--checkpoint", str(tiny), "--out"]
    assert main([*arguments, str(tiny)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert main([*arguments, str(label_map / "image.png")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_missing_generator_is_named(
    label_map: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(tmp_path / "nowhere", label_map) == 2
    assert "No checkpoints in" in capsys.readouterr().err
