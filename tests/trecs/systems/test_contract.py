from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from segmentation.labels import UNLABELED
from tests.trecs.evaluation.tiny_run import write_data
from tests.trecs.systems.attngan.tiny import tiny_attngan
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import Case, cases_of
from trecs.evaluation.systems import SYSTEMS, Studio, chosen
from trecs.narrative import Narrative, Word
from trecs.systems.photo.photo_index import PhotoIndex, squeezed

SIZE = 64


def write_training_photos(folder: Path) -> None:
    """Two photos that no narrative tells of: all sky, and dogs on grass."""
    for name, labels in (
        ("000000000091", np.full((60, 60), 156, np.uint8)),
        ("000000000092", np.repeat(np.array([[123], [17], [123]], np.uint8), 20, 0).repeat(60, 1)),
    ):
        shade = np.full((60, 60, 3), int(name[-2:]), np.uint8)
        Image.fromarray(shade).save(folder / "coco" / "images" / f"{name}.jpg")
        Image.fromarray(labels).save(folder / "coco" / "labels" / f"{name}.png")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An imported AttnGAN, and none that the user brought in."""
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    tiny_attngan().save(tmp_path / "home" / "weights" / "attngan")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    folder = write_data(tmp_path_factory.mktemp("data"), 2)
    write_training_photos(folder)
    return Studio(Dataset(folder), SIZE, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def told(studio: Studio) -> Narrative:
    case = next(iter(cases_of(studio.dataset)))
    assert isinstance(case, Case)
    return case.narrative


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_drawing_depends_on_narrative_and_seed(name: str, studio: Studio, told: Narrative):
    system = SYSTEMS[name](studio)
    drawing, again, other = (system.draw(told, seed, 0) for seed in (3, 3, 4))
    second = system.draw(told, 3, 1)
    assert (drawing.picture.shape, drawing.picture.dtype) == ((SIZE, SIZE, 3), np.uint8)
    assert np.array_equal(drawing.picture, again.picture)
    noiseless = name == "photo"
    assert np.array_equal(drawing.picture, other.picture) == noiseless
    assert np.array_equal(drawing.picture, second.picture) != noiseless
    assert (drawing.canvas is None) == (name in ("photo", "attngan"))
    if drawing.canvas:
        assert drawing.canvas.label_map.shape == (SIZE, SIZE)
        assert (drawing.canvas.label_map != UNLABELED).all()
    assert (drawing.tags is not None) == (name in ("traced", "predicted"))


def test_predicted_does_not_see_the_trace(studio: Studio, told: Narrative):
    traced, predicted = (SYSTEMS[name](studio) for name in ("traced", "predicted"))
    first, second = predicted.draw(told, 0, 0), predicted.draw(told.without_trace(), 0, 0)
    assert np.array_equal(first.picture, second.picture)
    assert not np.array_equal(first.picture, traced.draw(told, 0, 0).picture)


@pytest.mark.parametrize("name", ["predicted", "retrieval", "photo"])
def test_without_words_there_is_nothing_to_draw(name: str, studio: Studio, told: Narrative):
    with pytest.raises(InputError, match="no words"):
        SYSTEMS[name](studio).draw(Narrative((), told.strokes), 0, 0)


def test_the_photo_that_shows_what_is_told_comes_first(studio: Studio, told: Narrative):
    index = PhotoIndex.of(studio.dataset, studio.trecs.encoder, studio.cache)
    labels = np.zeros(182, np.float32)
    labels[[17, 123]] = 1
    vector = studio.trecs.encoder.encode_text(["a", "dog", "on", "grass"], labels)
    assert index.nearest(vector).stem == "000000000092"
    assert index.nearest(vector, 1).stem == "000000000091"
    assert index.nearest(vector, 2).stem == "000000000092"  # there are only two
    assert len(list(studio.cache.glob("photos-*.npy"))) == 1
    again = PhotoIndex.of(studio.dataset, studio.trecs.encoder, studio.cache)
    assert again.nearest(vector) == index.nearest(vector)


def test_photos_are_squeezed_whole():
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, 40:] = 200
    small = squeezed(Image.fromarray(pixels), 20)
    assert small.shape == (20, 20, 3)
    assert (small[:, :8] == 0).all()
    assert (small[:, 12:] == 200).all()


def test_attngan_draws_the_words_that_it_knows(tmp_path: Path, studio: Studio):
    tiny_attngan().save(tmp_path / "attngan")
    system = SYSTEMS["attngan"](replace(studio, checkpoint=tmp_path))
    words = [Word(text, i, i + 1.0) for i, text in enumerate(("a", "red", "zebra"))]
    drawing = system.draw(Narrative(tuple(words)), 2, 0)
    picture = tiny_attngan().draw("a red", 2).picture
    assert np.array_equal(drawing.picture, squeezed(Image.fromarray(picture), SIZE))
    with pytest.raises(InputError, match="knows no word"):
        system.draw(Narrative(()), 0, 0)


def test_which_systems_are_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bare = Dataset(write_data(tmp_path / "bare", 1))
    assert chosen(None, bare) == ("retrieval", "attngan", "traced", "predicted")
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    assert chosen(None, bare, tmp_path) == ("retrieval", "traced", "predicted")
    assert chosen("predicted, traced", bare) == ("retrieval", "traced", "predicted")
    assert chosen("traced", bare) == ("retrieval", "traced")
    with pytest.raises(InputError, match="No system 'attn'; expected some of retrieval, photo"):
        chosen("traced,attn", bare)
    write_training_photos(bare.folder)
    everything = chosen(None, Dataset(bare.folder), tmp_path)
    assert everything == ("retrieval", "photo", "traced", "predicted")


def test_photo_needs_training_photos(tmp_path: Path, studio: Studio):
    bare = Dataset(write_data(tmp_path, 1))
    with pytest.raises(InputError, match="leave it out of --systems"):
        PhotoIndex.of(bare, studio.trecs.encoder, tmp_path)
