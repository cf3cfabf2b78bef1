import numpy as np
import pytest

from retrieval.background import background
from tests.retrieval.scenes import DOG, GRASS, SEA, SKY, write


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return write(tmp_path_factory.mktemp("libraries") / "library")


def test_the_scenes_with_the_users_labels_decide(library):
    scenes = [(0, 0.5), (1, 0.5)]
    meadow = background(library, scenes, [GRASS], 64)
    beach = background(library, scenes, [SEA], 64)
    assert meadow is not None
    assert beach is not None
    assert (meadow[:20] == SKY).all()
    assert (meadow[40:] == GRASS).all()
    assert (beach[40:] == SEA).all()


def test_a_scene_counts_by_its_similarity(library):
    voted = background(library, [(0, 0.1), (1, 0.9)], [], 32)
    assert voted is not None
    assert voted.dtype == np.uint8
    assert (voted[20:] == SEA).all()


def test_scenes_without_stuff_have_no_background(library):
    assert background(library, [(2, 1.0)], [DOG], 32) is None
    assert background(library, [], [], 32) is None


def test_what_is_denied_gets_no_votes(library):
    voted = background(library, [(0, 0.5), (1, 0.5)], [GRASS], 64, frozenset((GRASS, DOG)))
    assert voted is not None
    assert GRASS not in voted
