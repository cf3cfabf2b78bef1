import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from files.errors import InputError
from tests.trecs.data.tiny_photos import NAMES, tiny_photos, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import random_autoencoder
from trecs.data.dataset import Dataset
from trecs.synthesis.painter import latent_making as latents
from trecs.synthesis.painter.latent_making import KINDS, make_latents, numbered_things
from trecs.synthesis.painter.latent_store import LatentStore, LatentViews, latent_statistics
from trecs.synthesis.painter.region_colours import region_colours

AUTOENCODER = random_autoencoder()
FILES = sorted([*(f"{name}.npy" for name in LatentViews._fields), "views.json"])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_one_held_back(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def made(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two passes in chunks of three views."""
    folder = tmp_path_factory.mktemp("latents")
    assert make_latents(dataset, AUTOENCODER, folder, chunk=3) == (17, 5)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "latents"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_refused(folder: Path, *told: str) -> None:
    with pytest.raises(InputError) as error:
        LatentStore(folder)
    assert "\n" not in str(error.value)
    for part in told:
        assert part in str(error.value)


def test_chunks_hold_what_is_promised(made: Path) -> None:
    chunks = sorted(made.glob("views-*"))
    assert [chunk.name for chunk in chunks] == [f"views-{n:05}" for n in range(9)]
    assert all(sorted(path.name for path in chunk.iterdir()) == FILES for chunk in chunks)
    assert len(list(made.glob("[!.]*"))) == 10  # and plan.json
    store = LatentStore(made)
    assert len(store) == 17
    views = store.take(np.arange(17))
    assert [(values.shape, str(values.dtype)) for values in views] == [
        ((17, 32, 32, 32), "float16"),
        ((17, 32, 32, 3), "uint8"),
        ((17, 128, 128), "uint8"),
        ((17, 128, 128), "uint8"),
        ((17, 128, 128), "uint8"),
        ((17, 255, 3), "float16"),
    ]
    assert store.kind.tolist() == ["middle", *(kind for kind in KINDS for _ in range(4))]
    assert sorted(store.names) == [f"flickr/{name}" for name in (*NAMES, "b11")]
    assert store.photo.tolist() == [0, *[1, 2, 3, 4] * 4]
    assert store.names[0] == "flickr/b11"
    assert store.held_back.tolist() == [True, *[False] * 16]
    assert store.accuracy.tolist() == [1] * 17
    assert store.accuracy.dtype == np.float32


def test_views_are_taken_in_any_order(made: Path) -> None:
    store = LatentStore(made)
    everything, some = store.take(np.arange(17)), np.array([16, 0, 5, 16, 3])
    taken = store.take(some)
    for name in LatentViews._fields:
        np.testing.assert_array_equal(getattr(taken, name), getattr(everything, name)[some])
    assert store.take(some[:0]).labels.shape == (0, 128, 128)


def test_a_middle_is_the_photos_middle(dataset: Dataset, made: Path) -> None:
    store = LatentStore(made)
    views = store.take(np.arange(5))
    for number, name in enumerate(store.names):
        photo = next(p for p in dataset.photos() if f"flickr/{p.name}" == name)
        square = np.asarray(photo.image())[:, 10:90]
        square = cv2.resize(square, (256, 256), interpolation=cv2.INTER_CUBIC)
        picture = torch.from_numpy(square).permute(2, 0, 1)[None] / 255
        encoded = AUTOENCODER.encode(picture)[0].numpy()
        np.testing.assert_allclose(views.latents[number], encoded, atol=2e-3)
        means = square.reshape(32, 8, 32, 8, 3).mean((1, 3))
        assert np.abs(views.thumbnails[number] - means).max() <= 0.51
        near = ((np.arange(128) + 0.5) * 80 / 128).astype(int)
        labels = photo.label_map()[:, 10:90][np.ix_(near, near)]
        assert np.array_equal(views.labels[number], labels)
        small = cv2.resize(square, (128, 128), interpolation=cv2.INTER_AREA)
        colours = region_colours(small, views.regions[number])
        np.testing.assert_array_equal(views.colours[number], colours)


def test_things_have_instances_and_regions_one_label(made: Path) -> None:
    views = LatentStore(made).take(np.arange(17))
    assert np.array_equal(views.instances > 0, views.labels < 91)
    for labels, regions in zip(views.labels, views.regions, strict=True):
        areas = np.bincount(regions[regions < 255])
        assert (np.diff(areas) <= 0).all()
        assert all(len(np.unique(labels[regions == n])) == 1 for n in range(len(areas)))


def test_a_mirrored_view_is_the_mirror_image(made: Path) -> None:
    store = LatentStore(made)
    for kind in ("middle", "crop"):
        own = store.take(np.flatnonzero((store.kind == kind) & ~store.held_back))
        other = store.take(np.flatnonzero(store.kind == f"{kind}-mirrored"))
        for name in ("thumbnails", "labels", "instances", "regions"):
            assert np.array_equal(getattr(own, name), getattr(other, name)[:, :, ::-1]), name
        np.testing.assert_allclose(own.colours, other.colours, rtol=2e-3, atol=1e-2)
        assert not np.array_equal(own.latents, other.latents)


def test_a_crop_is_another_part_of_the_photo(made: Path) -> None:
    store = LatentStore(made)
    middle, crop = store.take(np.arange(1, 5)), store.take(np.arange(9, 13))
    assert all(not np.array_equal(*pair) for pair in zip(middle.labels, crop.labels, strict=True))


def test_the_second_pass_is_added_to_the_first(
    dataset: Dataset, made: Path, tmp_path: Path
) -> None:
    assert make_latents(dataset, AUTOENCODER, tmp_path, chunk=3, passes=1) == (9, 5)
    assert len(LatentStore(tmp_path)) == 9
    assert make_latents(dataset, AUTOENCODER, tmp_path, chunk=3) == (17, 5)
    assert contents(tmp_path) == contents(made)


def test_a_stopped_run_goes_on_to_the_same_bytes(
    dataset: Dataset, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[latents.View] = []

    def stopping(view: latents.View, *rest: object) -> LatentViews:
        if len(seen) == 7:
            raise KeyboardInterrupt
        seen.append(view)
        return see(view, AUTOENCODER)

    see = latents.see_view
    with monkeypatch.context() as patch:
        patch.setattr(latents, "see_view", stopping)
        with pytest.raises(KeyboardInterrupt):
            make_latents(dataset, AUTOENCODER, tmp_path, chunk=3)
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == [
        "plan.json", "views-00000", "views-00001", "views-00002"
    ]  # fmt: skip
    make_latents(dataset, AUTOENCODER, tmp_path, chunk=3)
    assert contents(tmp_path) == contents(made)


def test_processes_make_the_same_bytes(dataset: Dataset, made: Path, tmp_path: Path) -> None:
    make_latents(dataset, AUTOENCODER, tmp_path, chunk=3, passes=1, processes=2)
    whole = contents(made)
    assert contents(tmp_path) == {name: whole[name] for name in whole if name < "views-00005"}


def test_a_chunk_is_there_whole_or_not_at_all(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = np.save, []

    def full(path: Path, values: np.ndarray) -> None:
        saved.append(path)
        if len(saved) == 4:
            raise OSError(28, "No space left on device")
        save(path, values)

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(InputError, match="views-00000' cannot be written: the disk is full"):
        make_latents(dataset, AUTOENCODER, tmp_path, chunk=3)
    assert {path.name for path in tmp_path.iterdir()} <= {"plan.json", ".lock"}


def test_another_plan_is_refused(dataset: Dataset, copied: Path) -> None:
    before = contents(copied)
    for other, told in (
        ({"chunk": 4}, "chunk"),
        ({"seed": 1}, "seed"),
        ({"limit": 2}, "photos"),
        ({"autoencoder": random_autoencoder(seed=1)}, "autoencoder"),
    ):
        wanted = {"autoencoder": AUTOENCODER, "chunk": 3, **other}
        with pytest.raises(InputError, match=rf"another plan \(.*{told}.*give another --out"):
            make_latents(dataset, folder=copied, **wanted)  # type: ignore[arg-type]
    (copied / "plan.json").unlink()
    with pytest.raises(InputError, match=r"without their plan\.json"):
        make_latents(dataset, AUTOENCODER, copied, chunk=3)
    (copied / "plan.json").write_bytes(before["plan.json"])
    assert contents(copied) == before


def test_without_photos_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No photos with label maps"):
        make_latents(Dataset(tmp_path), AUTOENCODER, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unreadable_photo_is_named(tmp_path: Path) -> None:
    dataset = tiny_photos(tmp_path / "data")
    path = dataset.photos()[0].image_path
    path.write_bytes(b"no photo")
    with pytest.raises(InputError, match=f"The photo '{path}' cannot be read"):
        make_latents(dataset, AUTOENCODER, tmp_path / "out")


def test_a_store_takes_in_new_chunks(made: Path, copied: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for number in (1, 2, 4, 5, 6, 7, 8):
        (copied / f"views-{number:05}").rename(away / f"views-{number:05}")
    store = LatentStore(copied)
    assert len(store) == 1  # chunk 3 waits for those before it
    names, first = list(store.names), store.take(np.arange(1))
    store.refresh()
    assert len(store) == 1
    for path in away.iterdir():
        path.rename(copied / path.name)
    store.refresh()
    assert (len(store), len(store.held_back), len(store.accuracy)) == (17, 17, 17)
    assert store.names[:1] == names
    for before, after, of_all in zip(
        first, store.take(np.arange(1)), LatentStore(made).take(np.arange(1)), strict=True
    ):
        np.testing.assert_array_equal(before, after)
        np.testing.assert_array_equal(before, of_all)


def test_other_folders_are_refused(copied: Path, tmp_path: Path) -> None:
    assert_refused(tmp_path / "none", "No latents in", "trecs data latents")
    plan = copied / "plan.json"
    for content in ("{", "[1]", "3"):
        plan.write_text(content)
        assert_refused(copied, f"'{plan}' is damaged")
    plan.write_text(json.dumps({"kind": "other", "format": 1}))
    assert_refused(copied, "not of latents of format 1")


@pytest.fixture(params=["missing", "truncated", "shape", "type", "records", "names", "json"])
def damaged(request: pytest.FixtureRequest, copied: Path) -> Path:
    chunk = copied / "views-00001"
    labels, views = chunk / "labels.npy", chunk / "views.json"
    records = json.loads(views.read_text())
    if request.param == "missing":
        labels.unlink()
    elif request.param == "truncated":
        labels.write_bytes(labels.read_bytes()[:1000])
    elif request.param == "shape":
        np.save(labels, np.zeros((3, 64, 64), np.uint8))
    elif request.param == "type":
        np.save(labels, np.zeros((3, 128, 128), np.int32))
    elif request.param == "records":
        views.write_text(json.dumps(records[:2]))
    elif request.param == "names":
        views.write_text(json.dumps([{"photo": "aa"}] * 3))
    else:
        views.write_text("{")
    return copied


def test_a_damaged_chunk_is_named(damaged: Path) -> None:
    assert_refused(damaged, f"'{damaged / 'views-00001'}' is damaged", "makes them anew")


def test_statistics_are_those_of_training_views(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trecs.synthesis.painter.latent_store.AT_ONCE", 7)
    store = LatentStore(made)
    views = store.take(np.flatnonzero(~store.held_back)).latents.astype(float)
    mean, deviation = latent_statistics(store)
    np.testing.assert_allclose(mean, views.mean((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(deviation, views.std((0, 2, 3)), rtol=1e-5)
    shutil.copy(made / "plan.json", tmp_path)
    with pytest.raises(InputError, match="No views to train on"):
        latent_statistics(LatentStore(tmp_path))


def test_things_are_numbered_by_their_size() -> None:
    instances = np.array([[0, 0, 9, 9], [4, 4, 4, 70000], [2, 2, 0, 0]], np.int32)
    assert numbered_things(instances).tolist() == [[0, 0, 3, 3], [1, 1, 1, 4], [2, 2, 0, 0]]
    crowd = np.arange(300, dtype=np.int32).repeat(2)[None]  # things 1 to 299 and nothing
    numbered = numbered_things(crowd)[0, ::2]
    assert numbered.dtype == np.uint8
    assert numbered.tolist() == [*range(255), *[255] * 45]


def test_a_photo_larger_than_a_view_is_averaged(tmp_path: Path) -> None:
    dataset = tiny_photos(tmp_path / "data")
    photo = dataset.photos()[0]
    pixels = np.zeros((512, 512, 3), np.uint8)
    pixels[::2] = 200  # rows that a view cannot show
    Image.fromarray(pixels).save(photo.image_path, format="PNG")
    view = latents.see_view(latents.View(photo, None, "middle", 0), AUTOENCODER)
    assert (view.thumbnails == 100).all()
