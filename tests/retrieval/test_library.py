import json
import shutil

import numpy as np
import pytest

from files.errors import InputError
from retrieval.library import SceneLibrary, write_embeddings
from retrieval.library_writer import MAX_SIDE, LibraryWriter
from retrieval.thumbnails import thumbnail
from segmentation.labels import UNLABELED
from segmentation.masks import Mask, iou
from tests.retrieval.scenes import ARCH, DOG, GRASS, SCENES, SKY, disc, write


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return write(tmp_path_factory.mktemp("libraries") / "library")


@pytest.fixture
def copy(library, tmp_path):
    return shutil.copytree(library.folder, tmp_path / "copy")


def test_a_library_holds_what_was_written(library):
    assert (library.scene_count, library.mask_count) == (3, 19)
    assert library.source == "made up for tests"
    assert library.scene_names == ["meadow", "beach", "kennel"]
    assert library.masks_of(1) == range(3, 7)
    assert library.scene_of[[0, 3, 18]].tolist() == [0, 1, 2]
    everything = [mask for _, masks in SCENES for mask in masks]
    for i, (label, mask) in enumerate(everything):
        assert library.labels[i] == label
        assert library.areas[i] == pytest.approx(mask.area)
        assert library.mask(i).box == pytest.approx(mask.box)
        assert np.array_equal(library.mask(i).bitmap, mask.bitmap)


def test_masks_are_found_by_label(library):
    assert library.with_label(SKY).tolist() == [0, 3]
    assert sorted(library.with_label(DOG).tolist()) == [2, 5, *range(7, 19)]
    assert len(library.with_label(1)) == 0
    assert sum(len(library.with_label(label)) for label in range(182)) == 19


def test_a_labels_masks_stand_from_the_tallest_to_the_widest(library):
    dogs = library.with_label(DOG)
    sides = library.boxes[dogs, 2:] - library.boxes[dogs, :2]
    aspects = np.log(sides[:, 0] / sides[:, 1])
    assert (np.diff(aspects) >= 0).all()
    places = library.shelf_of[dogs]
    np.testing.assert_allclose(library.aspects[places], aspects, atol=1e-6)
    assert library.shelf[library.shelf_of].tolist() == list(range(19))
    for i in (2, 5, 6):
        place = library.shelf_of[i]
        assert np.array_equal(library.thumbnails[place], thumbnail(library.mask(i).bitmap))


@pytest.mark.parametrize("count", [1, 3, 11, 14, 50])
@pytest.mark.parametrize("aspect", [-9.0, -0.4, -0.2, 0.0, 0.1, 9.0])
def test_the_nearest_aspect_ratios_are_one_stretch(tmp_path, count, aspect):
    rng = np.random.default_rng(0)
    with LibraryWriter(tmp_path / "l") as writer:
        for _ in range(14):
            box = (0.0, 0.0, *rng.uniform(0.2, 1.0, 2))
            writer.append_scene("one", [(SKY, Mask(box, ARCH)), (DOG, Mask(box, ARCH))])
        writer.finish("")
    library = SceneLibrary.open(tmp_path / "l")
    stretch = library.nearest_aspects(DOG, aspect, count)
    found = library.aspects[stretch]
    assert len(found) == min(count, 14)
    assert set(library.labels[library.shelf[stretch]]) == {DOG}
    everything = np.sort(
        np.abs(library.aspects[library.shelf_of[library.with_label(DOG)]] - aspect)
    )
    np.testing.assert_allclose(np.sort(np.abs(found - aspect)), everything[:count])


def test_a_label_that_is_lacking_has_no_nearest(library):
    stretch = library.nearest_aspects(1, 0.0, 10)
    assert stretch.start == stretch.stop


def test_a_label_map_paints_back_to_front(library):
    label_map = library.label_map(0, 20)
    assert label_map.dtype == np.uint8
    assert (label_map[:10] == SKY).all()
    assert label_map[11, 8] == DOG
    assert label_map[15, 10] == GRASS  # between the legs
    assert library.label_map(2, 20)[19, 19] == UNLABELED


def test_coarse_masks_resemble_their_masks(library):
    for i in (2, 5, 6):
        fine, coarse = library.mask(i).render(96, 96), library.coarse_mask(i).render(96, 96)
        assert iou(fine, coarse) > 0.9


def test_large_masks_are_shrunk_and_those_beyond_the_edge_cut(tmp_path):
    wide = Mask((-0.5, 0.0, 0.5, 1.0), np.ones((500, 400), bool))
    outside = Mask((1.5, 0.0, 2.0, 1.0), np.ones((5, 5), bool))
    empty = Mask((0.0, 0.0, 1.0, 1.0), np.zeros((5, 5), bool))
    with LibraryWriter(tmp_path / "l") as writer:
        writer.append_scene("one", [(SKY, wide), (SKY, outside), (SKY, empty)])
        writer.finish("")
    library = SceneLibrary.open(tmp_path / "l")
    assert library.mask_count == 1
    assert library.mask(0).box == (0.0, 0.0, 0.5, 1.0)
    assert library.mask(0).bitmap.shape == (MAX_SIDE, MAX_SIDE)


def test_names_are_kept_in_one_line_each(tmp_path):
    with LibraryWriter(tmp_path / "l") as writer:
        for name in ("a\nb", "", "ünï"):
            writer.append_scene(name, [(DOG, Mask((0, 0, 1, 1), ARCH))])
        writer.finish("")
    assert SceneLibrary.open(tmp_path / "l").scene_names == ["a b", "", "ünï"]


def test_an_interrupted_writer_leaves_nothing(tmp_path):
    with LibraryWriter(tmp_path / "l") as writer:
        writer.append_scene("one", [(DOG, Mask((0, 0, 1, 1), ARCH))])
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_empty_library_is_refused(tmp_path):
    with pytest.raises(InputError, match="would be empty"), LibraryWriter(tmp_path / "l") as writer:
        writer.finish("")
    assert list(tmp_path.iterdir()) == []


def test_a_library_is_replaced_whole_and_keeps_its_card(copy):
    (copy / "README.md").write_text("card")
    write_embeddings(copy, np.ones((3, 2), np.float32), "first")
    with LibraryWriter(copy) as writer:
        writer.append_scene("one", [(DOG, Mask((0, 0, 1, 1), disc()))])
        assert SceneLibrary.open(copy).scene_count == 3
        writer.finish("second")
    library = SceneLibrary.open(copy)
    assert (library.scene_count, library.source) == (1, "second")
    assert library.encoder_fingerprint is None
    assert (copy / "README.md").read_text() == "card"
    assert [p.name for p in copy.parent.iterdir()] == ["copy"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(InputError, match="is no scene library"):
        LibraryWriter(tmp_path)
    with pytest.raises(InputError, match="is no scene library"):
        LibraryWriter(tmp_path / "photo.jpg")
    with pytest.raises(InputError, match="cannot be written"):
        LibraryWriter(tmp_path / "photo.jpg" / "l")


def test_embeddings_are_stored_with_their_encoder(copy):
    with pytest.raises(InputError, match="no embeddings"):
        _ = SceneLibrary.open(copy).embeddings
    vectors = np.eye(3, 4, dtype=np.float32)
    write_embeddings(copy, np.zeros((3, 4), np.float32), "old")
    write_embeddings(copy, vectors, "new")
    library = SceneLibrary.open(copy)
    assert library.encoder_fingerprint == "new"
    assert library.embeddings.dtype == np.float16
    assert np.array_equal(library.embeddings, vectors)
    assert len(list(copy.glob("embeddings*"))) == 1
    assert library.search(vectors[1], 2) == [(1, 1.0), (0, 0.0)]


@pytest.mark.parametrize(
    "name",
    "labels boxes areas sizes scene_of code_starts codes scene_starts shelf shelf_of "
    "label_starts aspects thumbnails hulls".split(),
)
@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage", "other"])
def test_a_damaged_column_is_refused(copy, name, damage):
    path = copy / f"{name}.npy"
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[:-3])
    elif damage == "garbage":
        path.write_bytes(b"\x93NUMPY no array")
    else:
        np.save(path, np.zeros((2, 2)))
    with pytest.raises(InputError, match=f"{name}.npy"):
        SceneLibrary.open(copy)


@pytest.mark.parametrize("starts", [[0, 9, 3, 19], [1, 3, 7, 19], [0, 3, 7, 40]])
def test_scenes_that_do_not_follow_one_another_are_refused(copy, starts):
    np.save(copy / "scene_starts.npy", np.array(starts))
    with pytest.raises(InputError, match="scene_starts"):
        SceneLibrary.open(copy)


def test_a_damaged_mask_is_refused_when_it_is_read(copy):
    codes = np.load(copy / "codes.npy")
    codes[:] = 255
    np.save(copy / "codes.npy", codes)
    with pytest.raises(InputError, match="mask 4 has no usable code"):
        SceneLibrary.open(copy).mask(4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "tagger"}, "describes a 'tagger'"),
        ({"format": 1}, r"format 1; expected a 'scene library' of format 2\. Build it again"),
        ({"scenes": "three"}, "'scenes' is a str"),
        ({"masks": -1}, "damaged"),
        ({"encoder": {"file": "../labels.npy"}}, "no file of the library"),
    ],
)
def test_a_foreign_record_is_refused(copy, change, message):
    path = copy / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=message):
        SceneLibrary.open(copy)


def test_what_is_no_library_is_refused(copy, tmp_path):
    with pytest.raises(InputError, match=r"library\.json is missing"):
        SceneLibrary.open(tmp_path / "none")
    (copy / "library.json").write_text('{"kind":')
    with pytest.raises(InputError, match="damaged"):
        SceneLibrary.open(copy)
