from dataclasses import replace

import numpy as np
import pytest

from files.errors import InputError
from retrieval import layouts, shapes
from retrieval.families import USED_LABELS
from retrieval.generation import LEAST_MASKS, generate_library, generate_scene
from retrieval.grounds import SIDE, stuff_map
from retrieval.library import SceneLibrary
from segmentation.labels import UNLABELED, is_thing
from tests.retrieval.models import DOG, GRASS, PERSON, SKY, TREE, layout_model, shape_model


def test_stuff_tiles_the_picture_with_sky_above_the_grass():
    rng = np.random.default_rng(0)
    painted = stuff_map(shape_model(), layout_model(), [SKY, GRASS, TREE], rng)
    assert painted.shape == (SIDE, SIDE)
    assert set(np.unique(painted)) <= {SKY, GRASS, TREE}
    assert (painted[:8] == SKY).mean() > 0.7
    assert (painted[-8:] == GRASS).mean() > 0.7


def test_a_scene_is_stuff_then_things_and_the_same_again():
    shape, layout = shape_model(), layout_model()
    scene = generate_scene(shape, layout, np.random.default_rng(3))
    kinds = [is_thing(label) for label, _ in scene]
    assert kinds == sorted(kinds)
    assert any(kinds)
    painted = np.full((SIDE, SIDE), UNLABELED, np.uint8)
    for label, mask in scene:
        painted[mask.render(SIDE, SIDE)] = label
    assert not (painted == UNLABELED).any()
    again = generate_scene(shape, layout, np.random.default_rng(3))
    assert [label for label, _ in again] == [label for label, _ in scene]
    assert all((a.bitmap == b.bitmap).all() for (_, a), (_, b) in zip(scene, again, strict=True))


def test_people_whose_boxes_hang_in_the_sky_come_down_to_the_grass():
    layout = layout_model()
    means = layout.statistics.box_means.copy()
    means[PERSON, :, 1] = 0.35
    layout.statistics = replace(layout.statistics, box_means=means)
    feet = [
        mask.box[3]
        for i in range(12)
        for label, mask in generate_scene(shape_model(), layout, np.random.default_rng(i))
        if label == PERSON
    ]
    assert np.mean(np.array(feet) > 0.45) > 0.7


def test_a_crowd_of_large_things_is_limited():
    layout = layout_model()
    means = layout.statistics.box_means.copy()
    means[DOG, :, 2:] = np.log(0.8)
    instances = np.full_like(layout.statistics.instances, 6)
    layout.statistics = replace(
        layout.statistics, box_means=means, instances=instances, company=np.zeros(182, np.float32)
    )
    for i in range(8):
        scene = generate_scene(shape_model(), layout, np.random.default_rng(i), DOG)
        assert sum(label == DOG for label, _ in scene) <= 1


def test_a_library_is_written_and_repeatable(tmp_path):
    shapes.save(shape_model(), tmp_path / "shapes")
    layouts.save(layout_model(), tmp_path / "layout")
    for name in ("one", "two"):
        generate_library(tmp_path / "shapes", tmp_path / "layout", tmp_path / name, 8, seed=1)
    one, two = (SceneLibrary.open(tmp_path / name) for name in ("one", "two"))
    assert one.scene_count == 8
    assert (one.labels == two.labels).all()
    assert (one.boxes == two.boxes).all()
    assert one.scene_names[0].startswith("generated 00000: ")


def test_a_missing_model_leaves_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="No shapes in"):
        generate_library(tmp_path / "a", tmp_path / "b", tmp_path / "out", 2, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_the_bundled_library_has_every_label_and_full_pictures(checkpoints):
    library = SceneLibrary.open(checkpoints / "library")
    assert library.scene_count >= 2000
    counts = np.bincount(library.labels, minlength=182)
    assert counts[list(USED_LABELS)].min() >= LEAST_MASKS - 4
    empty = np.mean([(library.label_map(i, 64) == UNLABELED).mean() for i in range(0, 2000, 200)])
    assert empty < 0.01
    assert library.bytes_on_disk < 8.5e6
