from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from tests.trecs.data.captioned import captioned
from trecs.data.dataset import Photo
from trecs.data.views import keep_views


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Photo]:
    return captioned(tmp_path_factory.mktemp("data")).photos(held_back=False)


class Looker:
    """Sees the mean colour, and counts."""

    def __init__(self, most: float = np.inf) -> None:
        self.crops, self.most = 0, most

    def __call__(self, crops: Tensor) -> dict[str, Tensor]:
        self.crops += len(crops)
        if self.crops > self.most:
            raise KeyboardInterrupt
        assert crops.shape[1:] == (3, 32, 32)
        return {"colour": crops.mean((2, 3))}


def keep(folder: Path, photos: list[Photo], seed: int = 0, key: str = "colours") -> int:
    looker = Looker()
    keep_views(folder, photos, looker, side=32, views=2, seed=seed, key=key)
    return looker.crops


def test_rows_are_the_views_of_a_photo_after_one_another(
    photos: list[Photo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trecs.data.views.AT_ONCE", 3)
    assert keep(tmp_path, photos) == 8
    colours = np.load(tmp_path / "colour.npy")
    assert (colours.shape, colours.dtype) == ((8, 3), np.float16)
    for number, photo in enumerate(photos):
        mean = np.asarray(photo.image()).mean((0, 1)) / 127.5 - 1
        nearest = np.abs(colours.astype(float) - mean).sum(1).argsort()[:2]
        assert sorted(nearest // 2) == [number, number]
    assert not np.array_equal(colours[0], colours[1])


def test_looks_once_and_anew_for_another_trunk_or_seed(photos: list[Photo], tmp_path: Path) -> None:
    assert [keep(tmp_path, photos), keep(tmp_path, photos)] == [8, 0]
    assert keep(tmp_path, photos, seed=1) == 8
    assert keep(tmp_path, photos, seed=1, key="others") == 8
    assert keep(tmp_path, photos[:3], seed=1, key="others") == 6


def test_a_look_that_was_stopped_goes_on_with_the_same_numbers(
    photos: list[Photo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trecs.data.views.AT_ONCE", 1)
    keep(tmp_path / "whole", photos)
    with pytest.raises(KeyboardInterrupt):  # in the midst of the third photo
        keep_views(
            tmp_path / "parts", photos, Looker(most=5), side=32, views=2, seed=0, key="colours"
        )
    assert keep(tmp_path / "parts", photos) == 4
    whole, parts = (np.load(tmp_path / name / "colour.npy") for name in ("whole", "parts"))
    assert np.array_equal(whole, parts)


def test_what_another_trunk_began_is_not_gone_on_with(
    photos: list[Photo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trecs.data.views.AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt):
        keep_views(tmp_path, photos, Looker(most=5), side=32, views=2, seed=0, key="others")
    assert keep(tmp_path, photos) == 8
