from pathlib import Path

import numpy as np
import pytest
import torch

from segmentation.canvas import Canvas
from segmentation.labels import COUNT, value_of
from tests.trecs.data.tiny_photos import grass_canvases, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import random_autoencoder
from trecs.data.dataset import Dataset
from trecs.data.pictures import Picture, load_pictures
from trecs.synthesis.painter import batches as painter_batches
from trecs.synthesis.painter.batches import (
    LatentViewsBatches,
    ThumbnailSquares,
    noisy_labels,
    withheld,
)
from trecs.synthesis.painter.doubt import MOST_DOUBT, doubted
from trecs.synthesis.painter.latent_making import make_latents
from trecs.synthesis.painter.latent_store import LatentStore
from trecs.synthesis.painter.thumbnails import TIMES
from trecs.synthesis.painter.told import family_members

GRASS = value_of("grass")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_one_held_back(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def store(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> LatentStore:
    folder = tmp_path_factory.mktemp("latents")
    make_latents(dataset, random_autoencoder(), folder)
    return LatentStore(folder)


def half_labelled(accuracy: float) -> Picture:
    """A red photo whose upper half is grass and whose lower half nobody labelled."""
    photo = np.zeros((128, 128, 3), np.uint8)
    photo[..., 0] = 255
    labels = np.full((128, 128), 255, np.uint8)
    labels[:64] = GRASS
    canvas = Canvas(labels, np.zeros((128, 128), np.int32))
    return Picture(photo, canvas, canvas, accuracy=accuracy)


def test_a_cell_counts_by_its_labelled_share_and_its_maps_accuracy() -> None:
    squares = ThumbnailSquares([half_labelled(0.5), half_labelled(1.0)], 2, 0)
    weights = squares[0].weights
    assert sorted(weights[:, 0, 0, 0].tolist()) == [0.5, 1.0]
    assert weights[:, 0, -1].max() == 0


def test_a_steps_squares_depend_on_the_seed_and_the_step_alone(dataset: Dataset) -> None:
    pictures = load_pictures(dataset, dataset.photos(held_back=False), 64)
    one, other = ThumbnailSquares(pictures, 2, 0), ThumbnailSquares(pictures, 2, 0)
    one[1], one[2]
    for a, b in zip(one[3].told, other[3].told, strict=True):
        torch.testing.assert_close(a, b)
    assert not torch.equal(one[3].true, one[4].true)


def test_the_colours_told_are_the_photos() -> None:
    """Red is L 53, a 80, b 67."""
    squares = ThumbnailSquares([half_labelled(1.0)] * 8, 8, 0)
    colours = torch.cat([squares[step].told.colours[:, :, 0, 0] for step in range(20)])
    known = colours[:, 0] == 1
    assert 0.1 < known.float().mean() < 0.4  # of half of the pictures, half of the regions
    assert (colours[known, 1:] - torch.tensor([0.065, 1.602, 1.344])).abs().max() < 0.01
    assert colours[~known].abs().max() == 0


def test_colours_are_withheld_from_whole_pictures_and_from_regions() -> None:
    left = ~np.isnan(withheld(np.ones((400, 50, 3)), np.random.default_rng(0)))[..., 0]
    none = ~left.any(1)
    assert none.mean() == pytest.approx(0.5, abs=0.06)
    assert left[~none].mean() == pytest.approx(0.5, abs=0.03)


def test_a_wrong_label_is_of_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painter_batches, "WRONG_LABELS", 1.0)
    labels = np.full((40, 8, 8), GRASS, np.uint8)
    labels[:, 4:] = 255
    changed = noisy_labels(labels, np.random.default_rng(0))
    (family,) = [members for members in family_members() if GRASS in members]
    assert set(np.unique(changed[:, :4])) <= set(family)
    assert len(np.unique(changed[:, :4])) > 5
    assert (changed[:, 4:] == 255).all()
    assert (labels[:, :4] == GRASS).all()


def test_held_back_views_are_not_learned_from(store: LatentStore) -> None:
    batches = LatentViewsBatches(store, 4, 0)
    assert [store.names[i] for i in batches.photos] == [n for n in store.names if "b11" not in n]
    assert batches[0].true.shape == (4, 32, 32, 32)


def test_latents_belong_to_their_canvases(store: LatentStore) -> None:
    batch = LatentViewsBatches(store, 4, 0)[5]
    everything = store.take(np.flatnonzero(~store.held_back))
    for latents, labels in zip(batch.true, batch.told.labels, strict=True):
        (view,) = np.flatnonzero((everything.latents == latents.half().numpy()).all((1, 2, 3)))
        stored = everything.labels[view].astype(int)
        same = np.where(stored == 255, COUNT, stored) == labels.numpy()
        assert same.mean() > 0.5  # all but the labels that were taken for others


def test_beside_composed_canvases_the_flow_draws(
    dataset: Dataset, store: LatentStore, tmp_path: Path
) -> None:
    grass_canvases(dataset, tmp_path)
    batches = LatentViewsBatches(store, 4, 0, dataset, tmp_path)
    drawn, composed = 0, 0
    for step in range(60):
        batch = batches[step]
        grass = ((batch.told.labels == GRASS).flatten(1)).all(1)
        assert (batch.begun[grass] < 1).all()
        assert set(batch.begun.tolist()) <= set(torch.tensor(TIMES).tolist())
        drawn += int((batch.begun < 1).sum())
        composed += int(grass.sum())
    assert drawn / 240 == pytest.approx(1 / 8, abs=0.06)
    assert 0 < composed < drawn


def test_a_batch_may_be_pinned_and_copied(dataset: Dataset, store: LatentStore) -> None:
    """Memory is pinned by writing to it, which planes that share their numbers do not allow."""
    squares = ThumbnailSquares(load_pictures(dataset, dataset.photos(held_back=False), 64), 2, 0)
    for batch in (squares[0], LatentViewsBatches(store, 4, 0)[0]):
        for tensor in (*batch.told, *(t for t in batch if isinstance(t, torch.Tensor))):
            torch.empty_like(tensor).copy_(tensor)
            assert 0 not in tensor.stride()


def test_doubt_is_the_spread_of_what_is_added() -> None:
    torch.manual_seed(0)
    flat = torch.full((64, 3, 32, 32), 0.25)
    worse, doubt = doubted(flat)
    assert doubt.min() >= 0
    assert doubt.max() <= MOST_DOUBT
    spread = (worse - flat).flatten(1).std(1)
    torch.testing.assert_close(spread, doubt, atol=0.02, rtol=0.05)


def test_some_thumbnails_are_moved_by_a_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trecs.synthesis.painter.doubt.MOST_DOUBT", 0.0)
    monkeypatch.setattr("trecs.synthesis.painter.doubt.BLURRED", 0.0)
    torch.manual_seed(0)
    picture = torch.randn(1, 3, 8, 8).expand(200, -1, -1, -1)
    worse, _ = doubted(picture)
    moved = (worse != picture).flatten(1).any(1)
    assert moved.float().mean() == pytest.approx(0.25 * 8 / 9, abs=0.08)
    inner = picture[0, :, 1:-1, 1:-1]
    for one in worse[moved]:
        shifts = [
            one[:, 1 + down : 7 + down, 1 + right : 7 + right]
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        assert any(torch.equal(shift, inner) for shift in shifts)
