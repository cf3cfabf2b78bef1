import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from retrieval.coco import build_library
from retrieval.kept_photos import build_painted_library
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.own import add_photo
from retrieval.photos import SIDE, photo_code, upright_photo
from segmentation.labels import value_of
from tests.retrieval.scenes import half

DOG, GRASS, SKY = (value_of(name) for name in ("dog", "grass", "sky-other"))
WIDTH, HEIGHT = 80, 60


def photo(shade: int = 200, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """An even photo, whose upper left quarter is black."""
    pixels = np.full((size[1], size[0], 3), shade, np.uint8)
    pixels[: size[1] // 2, : size[0] // 2] = 0
    return Image.fromarray(pixels)


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """An instances file of two photos with a dog each, in `photos/`."""
    images = [{"id": i, "file_name": f"{i}.jpg", "width": WIDTH, "height": HEIGHT} for i in (1, 2)]
    outline = [[8, 36, 24, 36, 24, 48, 8, 48]]
    dogs = [
        {"id": i, "image_id": i, "category_id": DOG + 1, "segmentation": outline} for i in (1, 2)
    ]
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": dogs}))
    (tmp_path / "photos").mkdir()
    for number in (1, 2):
        photo(100 * number).save(tmp_path / "photos" / f"{number}.jpg")
    return tmp_path


def build(folder: Path, **given: object) -> SceneLibrary:
    out = folder / "out"
    build_library(folder / "instances.json", out, photos=folder / "photos", **given)  # type: ignore[arg-type]
    return SceneLibrary.open(out)


def test_a_library_keeps_its_photos_wherever_it_goes(coco: Path) -> None:
    build(coco)
    (coco / "out").rename(coco / "moved")
    for path in (coco / "photos").iterdir():
        path.unlink()
    library = SceneLibrary.open(coco / "moved")
    assert library.photos is not None
    assert library.photos.there.tolist() == [True, True]
    kept = library.photos.read(1)
    assert kept.shape == (HEIGHT, WIDTH, 3)
    assert abs(int(kept[50, 70, 0]) - 200) < 8
    assert kept[5, 5, 0] < 8


def test_a_large_photo_is_scaled_down_and_loses_its_metadata(tmp_path: Path) -> None:
    given = photo(size=(1200, 900))
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    given.save(tmp_path / "a.jpg", exif=exif)
    code = photo_code(upright_photo(tmp_path / "a.jpg"))
    assert b"where I live" not in code
    path = tmp_path / "b.jpg"
    path.write_bytes(code)
    assert upright_photo(path).size == (SIDE, SIDE * 3 // 4)


def test_a_photo_is_turned_as_its_exif_says(coco: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    stored = photo(100).transpose(Image.Transpose.ROTATE_90)
    stored.save(coco / "photos" / "1.jpg", exif=exif)
    photos = build(coco).photos
    assert photos is not None
    assert photos.read(0).shape == (HEIGHT, WIDTH, 3)
    assert photos.read(0)[5, 5, 0] < 8
    assert photos.read(0)[50, 70, 0] > 80


def test_photos_that_are_missing_or_do_not_fit_are_left_out_and_told(coco: Path) -> None:
    (coco / "photos" / "1.jpg").unlink()
    out = coco / "out"
    report = build_library(coco / "instances.json", out, photos=coco / "photos")
    assert (report.scenes, report.photos) == (2, 1)
    assert any("that are not in the folder ('1.jpg')" in note for note in report.notes)
    library = SceneLibrary.open(out)
    assert library.photos is not None
    assert library.photos.there.tolist() == [False, True]
    photo(size=(HEIGHT, WIDTH)).save(coco / "photos" / "1.jpg")
    with pytest.raises(InputError, match=r"is 60x80, but annotated as 80x60"):
        build(coco, strict=True)


@pytest.mark.parametrize("change", ["missing", "foreign"])
def test_no_photo_at_all_is_refused_and_the_library_stays(coco: Path, change: str) -> None:
    before = build(coco)
    for path in (coco / "photos").iterdir():
        path.unlink()
        if change == "foreign":
            photo(size=(HEIGHT, WIDTH)).save(path)
    why = "has no photo for any image" if change == "missing" else "No photo of .* can be used"
    with pytest.raises(InputError, match=why):
        build(coco)
    assert SceneLibrary.open(before.folder).photos is not None


def test_a_library_that_is_replaced_by_one_without_photos_has_none(coco: Path) -> None:
    build(coco)
    build_library(coco / "instances.json", coco / "out")
    assert SceneLibrary.open(coco / "out").photos is None
    assert not list((coco / "out").glob("photo*"))


def test_a_damaged_photo_column_is_told(coco: Path) -> None:
    library = build(coco)
    (library.folder / "photo_starts.npy").unlink()
    with pytest.raises(InputError, match=r"photo_starts\.npy' is missing"):
        SceneLibrary.open(library.folder)


def test_photos_and_label_maps_alone_make_a_library(coco: Path) -> None:
    (coco / "labels").mkdir()
    painted = np.full((HEIGHT, WIDTH), GRASS, np.uint8)
    painted[10:30, 10:20] = painted[10:30, 40:60] = DOG
    Image.fromarray(painted).save(coco / "labels" / "1.png")
    Image.fromarray(painted[:, :40]).save(coco / "labels" / "2.png")
    scenes, masks, notes = build_painted_library(coco / "photos", coco / "labels", coco / "own")
    assert (scenes, masks) == (1, 3)  # the second is of another shape
    assert "of another shape than their annotations" in notes[0]
    library = SceneLibrary.open(coco / "own")
    assert sorted(library.labels.tolist()) == [DOG, DOG, GRASS]
    (coco / "labels" / "1.png").unlink()
    (coco / "labels" / "2.png").unlink()
    with pytest.raises(InputError, match=r"no label map for any of the 2 photos"):
        build_painted_library(coco / "photos", coco / "labels", coco / "other")
    assert not (coco / "other").exists()


def nothing(folder: Path) -> None:
    """No embeddings."""


def test_ones_own_library_grows_by_a_photo_at_a_time(tmp_path: Path) -> None:
    painted = np.full((64, 64), 255, np.uint8)
    painted[32:] = GRASS
    painted[20:50, 10:30] = DOG
    folder = tmp_path / "library"
    assert add_photo(folder, photo_code(photo(50)), painted, nothing) == 1
    first = SceneLibrary.open(folder).mask(1).bitmap
    assert add_photo(folder, photo_code(photo(250)), painted[:, ::-1].copy(), nothing) == 2
    library = SceneLibrary.open(folder)
    assert library.photos is not None
    shades = [int(library.photos.read(i)[50, 70, 0]) for i in (0, 1)]
    assert np.abs(np.array(shades) - (50, 250)).max() < 8
    assert library.labels.tolist() == [GRASS, DOG, GRASS, DOG]
    assert np.array_equal(library.mask(1).bitmap, first)
    assert library.scene_names == ["photo 1", "photo 2"]


def test_nothing_painted_or_somebody_else_at_it_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    painted = np.full((64, 64), GRASS, np.uint8)
    add_photo(folder, photo_code(photo()), painted, nothing)
    with pytest.raises(InputError, match="No label is painted"):
        add_photo(folder, photo_code(photo()), np.full((64, 64), 255, np.uint8), nothing)
    with LibraryWriter(folder, photos=True) as other:
        other.append_scene("other", [(GRASS, half(0, 1))])
        with pytest.raises(InputError, match="Another process is writing"):
            add_photo(folder, photo_code(photo()), painted, nothing)

    def broken(folder: Path) -> None:
        raise InputError("no encoder")

    with pytest.raises(InputError, match="no encoder"):
        add_photo(folder, photo_code(photo()), painted, broken)
    assert SceneLibrary.open(folder).scene_count == 1
