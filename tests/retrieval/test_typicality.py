import numpy as np
import pytest

from retrieval.library import SceneLibrary
from retrieval.thumbnails import thumbnail
from retrieval.typicality import typicality
from segmentation.labels import COUNT, value_of
from tests.retrieval.scenes import write

DOG, CAT, SKY = (value_of(name) for name in ("dog", "cat", "sky-other"))


def bars(upright: int, level: int) -> np.ndarray:
    """Thumbnails (upright + level, 9) of bars at random places."""
    rng = np.random.default_rng(upright)
    found = []
    for number in range(upright + level):
        bitmap = np.zeros((48, 48), bool)
        start = rng.integers(14, 20)
        bitmap[:, start : start + 12] = True
        found.append(thumbnail(bitmap if number < upright else bitmap.T))
    return np.stack(found)


def starts(**counts: int) -> np.ndarray:
    many = np.zeros(COUNT, int)
    for name, count in counts.items():
        many[value_of(name)] = count
    return np.concatenate([[0], np.cumsum(many)])


def test_what_looks_like_another_label_is_less_typical():
    cats_then_dogs = np.concatenate([bars(18, 2), bars(3, 17)])
    typical = typicality(cats_then_dogs, starts(cat=20, dog=20))
    assert CAT < DOG
    assert typical[18:20].max() < typical[:18].min()
    assert typical[20:23].max() < typical[23:].min()


def test_shares_are_of_the_own_label():
    typical = typicality(np.concatenate([bars(9, 1), bars(0, 4)]), starts(cat=10, dog=4))
    for own in (typical[:10], typical[10:]):
        assert own.max() == pytest.approx((len(own) + 8) / (len(own) + 16))
        assert (own > 8 / (len(own) + 16)).all()


def test_stuff_is_not_compared_with_things():
    shapes = np.concatenate([bars(5, 5), bars(0, 10)])
    alone = typicality(shapes[:10], starts(cat=10))
    assert (typicality(shapes, starts(cat=10, **{"sky-other": 10}))[:10] == alone).all()


def test_a_library_without_the_column_judges_its_masks_itself(tmp_path):
    written = write(tmp_path / "library")
    stored = np.array(written.typical)
    (tmp_path / "library" / "typical.npy").unlink()
    again = SceneLibrary.open(tmp_path / "library")
    assert len(stored) == again.mask_count
    assert np.allclose(again.typical, stored)
