from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trecs.data.dataset import Dataset
from trecs.data.scenes import CAMVID_STEP, held_back_photos, load_scenes

DOG, GRASS, ROAD = 17, 123, 148


def write(folder: Path, name: str, labels: np.ndarray) -> None:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    pixels = np.repeat(labels[..., None], 3, 2)  # the photo's brightness is the label
    Image.fromarray(pixels).save(folder / "images" / f"{name}.jpg", quality=95)
    Image.fromarray(labels).save(folder / "labels" / f"{name}.png")


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    labels = np.full((80, 200), GRASS, np.uint8)
    labels[:, 60:140] = ROAD
    labels[20:60, 60:90] = labels[20:60, 110:140] = DOG
    for number in range(2 * CAMVID_STEP + 1):
        write(tmp_path / "camvid" / "test", f"{number:03d}", labels)
    write(tmp_path / "camvid" / "train", "999", labels)
    write(tmp_path / "flickr", "6", labels)  # its name's checksum holds it back
    return Dataset(tmp_path)


def test_what_is_held_back_and_not_every_frame(dataset: Dataset):
    names = [photo.name for photo in held_back_photos(dataset)]
    assert names == ["6", "000", "010", "020"]


def test_a_limit_spaces_them_evenly(dataset: Dataset):
    assert [photo.name for photo in held_back_photos(dataset, 2)] == ["6", "010"]
    assert len(held_back_photos(dataset, 99)) == 4


def test_scenes_are_the_middle_squares(dataset: Dataset):
    scene = load_scenes(dataset, held_back_photos(dataset, 1), 40)[0]
    assert scene.source == "flickr"
    assert scene.photo.shape == (40, 40, 3)
    assert scene.canvas.label_map.shape == (40, 40)
    assert set(np.unique(scene.canvas.label_map)) == {DOG, ROAD}
    assert np.abs(scene.photo[..., 0].astype(int) - scene.canvas.label_map).mean() < 8
    assert len(np.unique(scene.canvas.instance_map)) == 3  # two dogs and no thing
