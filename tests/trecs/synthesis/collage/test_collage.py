from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from retrieval.choice import choose
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.placing import place
from retrieval.query import Query
from segmentation.canvas import Canvas, instances_of
from segmentation.composition import compose, single_things
from segmentation.labels import value_of
from segmentation.moves import Move, Moved
from tests.trecs.synthesis.collage.scenes import (
    BLUE,
    DOG,
    GRASS,
    GREEN,
    RED,
    SKY,
    labels,
    write,
)
from trecs.synthesis.collage.chosen import Chosen
from trecs.synthesis.collage.collage import Collage, photo_library
from trecs.synthesis.collage.pasting import pasted
from trecs.synthesis.collage.sources import Part, Sources
from trecs.synthesis.generator import Generator

CAT = value_of("cat")


@pytest.fixture(scope="module")
def encoder(checkpoints: Path) -> DualEncoder:
    return DualEncoder.load(checkpoints / "encoder")


@pytest.fixture(scope="module")
def generator(checkpoints: Path) -> Generator:
    return Generator.load(checkpoints / "generator")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: DualEncoder) -> SceneLibrary:
    return write(tmp_path_factory.mktemp("photos") / "library", encoder)


def canvas(left: int = 50, right: int = 80, size: int = 64, label: int = DOG) -> Canvas:
    painted = labels(left, right)
    painted[painted == DOG] = label
    return Canvas(painted, instances_of(painted)).resized(size, size)


def near(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.abs(picture * 255 - np.array(colour)).max(-1) < 40


def test_what_is_pasted_is_the_photos_pixels_where_the_canvas_says(library: SceneLibrary) -> None:
    told = canvas()
    rng = np.random.default_rng(0)
    parts = Sources(library).parts(told, Chosen(), [0, 1], rng)
    assert [part.label for part in parts] == [*sorted([GRASS, SKY]), DOG]
    assert all(part.origin is not None for part in parts)
    picture = pasted(parts, library, None, 64, rng)
    for label, colour in ((DOG, RED), (GRASS, GREEN), (SKY, BLUE)):
        assert near(picture, colour)[told.label_map == label].mean() > 0.9, label


def test_what_has_no_photo_is_the_generators(library: SceneLibrary) -> None:
    told = canvas(label=CAT)
    parts = Sources(library).parts(told, Chosen(), [0], np.random.default_rng(0))
    assert {part.label for part in parts if part.origin is None} == {CAT}
    drawn = np.full((64, 64, 3), 0.5, np.float32)
    picture = pasted(parts, library, drawn, 64, np.random.default_rng(0))
    assert near(picture, (127, 127, 127))[told.label_map == CAT].mean() > 0.8
    assert not near(picture, (127, 127, 127))[told.label_map == SKY].any()


def test_a_silhouette_unlike_all_photos_is_not_pasted(library: SceneLibrary) -> None:
    told = canvas()
    seen = np.zeros((64, 64), bool)
    seen[10:12, 2:60] = True  # a line
    sources, none = Sources(library), np.zeros(library.scene_count, np.float32)
    assert sources._thing(DOG, seen, none, np.random.default_rng(0)) is None
    dog = told.label_map == DOG
    assert sources._thing(DOG, dog, none, np.random.default_rng(0)) is not None


def test_the_chosen_mask_brings_its_own_pixels_as_it_was_placed(library: SceneLibrary) -> None:
    hull = np.array([[0.1, 0.3], [0.4, 0.3], [0.4, 0.7], [0.1, 0.7]])
    choices = choose(library, [(0, 1.0), (1, 0.5)], [Query(DOG, hull)])
    placements = [place(library, choice) for choice in choices]
    chosen = Chosen.of(library, choices, placements, [0, 1])
    assert chosen.things.keys() == {1}
    assert chosen.things[1].mask == choices[0].used[0].mask
    composed = compose(placements, 64, None)
    (part,) = [
        one
        for one in Sources(library).parts(composed, chosen, [], np.random.default_rng(0))
        if one.label == DOG
    ]
    assert part.origin is chosen.things[1]
    picture = pasted([part], library, None, 64, np.random.default_rng(0))
    assert near(picture, RED)[part.seen].mean() > 0.9
    assert [one.mask for _, one in single_things(placements)] == [placements[0].mask]


def test_a_seed_draws_the_same_again(
    library: SceneLibrary, encoder: DualEncoder, generator: Generator
) -> None:
    collage = Collage(library, encoder, generator)
    one, again, other = (collage.render(canvas(), seed, 64) for seed in (1, 1, 2))
    assert (one.shape, one.dtype) == ((64, 64, 3), np.uint8)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_without_any_photo_that_fits_the_generator_draws(
    library: SceneLibrary, encoder: DualEncoder, generator: Generator
) -> None:
    sea = np.full((64, 64), value_of("sea"), np.uint8)
    bare = Canvas(sea, np.zeros((64, 64), np.int32))
    drawn = Collage(library, encoder, generator).render(bare, 3, 64)
    assert np.array_equal(drawn, generator.render(bare, 3, 64))


def test_a_library_without_photos_is_refused(
    tmp_path: Path, encoder: DualEncoder, generator: Generator
) -> None:
    bare = write(tmp_path / "library", encoder, photos=False)
    with pytest.raises(InputError, match=r"has no photos .* `trecs library build --photos DIR`"):
        Collage(bare, encoder, generator)
    assert photo_library(bare, tmp_path / "none") is bare
    own = write(tmp_path / "own", encoder)
    assert photo_library(bare, own.folder).folder == own.folder
    assert photo_library(own, bare.folder) is own


def test_a_part_at_the_edge_of_a_tiny_canvas_is_drawn(library: SceneLibrary) -> None:
    seen = np.zeros((8, 8), bool)
    seen[7, 7] = True
    origin = Sources(library).parts(canvas(), Chosen(), [], np.random.default_rng(0))[-1].origin
    picture = pasted([Part(DOG, seen, origin)], library, None, 8, np.random.default_rng(0))
    assert np.isfinite(picture).all()


def test_stuff_that_is_almost_too_large_is_compared_in_the_coarse(library: SceneLibrary) -> None:
    origin = Sources(library).parts(canvas(), Chosen(), [], np.random.default_rng(0))[-1].origin
    assert origin is not None
    moved = Moved(Move(0, scale=(4.06, 1)), DOG, 0, (0.5, 0.5))  # 32 of 32 pixels by more than 4
    coarse = Sources(library)._coarse(replace(origin, box=(0, 0, 0.985, 1), moved=moved))
    assert coarse.shape == (32, 32)
    assert coarse.any()
