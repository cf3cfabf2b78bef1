import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

from files.errors import InputError
from retrieval import layouts
from retrieval.coco_files import CocoImage
from retrieval.families import USED_LABELS
from retrieval.generation import generate_scene
from retrieval.layouts import LayoutConfig
from retrieval.shapes import SIDE, load
from segmentation.labels import value_of
from tests.retrieval.models import DOG, GRASS, PERSON, SKY
from tests.trecs.scenes.silhouettes import drawn
from trecs.data.dataset import Dataset
from trecs.scenes import layouts as layout_training
from trecs.scenes.layouts import co_occurrence, scene_kinds
from trecs.scenes.shape_data import free_outlines, shape_set, silhouettes, stuff_map
from trecs.scenes.shapes import ShapesTraining, fit, solidity, telling, train, typicality


@pytest.fixture(scope="module")
def small_data(tmp_path_factory):
    """Eight drawn photos: a person and a dog on grass under the sky, with their polygons."""
    folder = tmp_path_factory.mktemp("data")
    for part in ("coco_mini/images", "coco_mini/labels", "narratives"):
        (folder / part).mkdir(parents=True)
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    narratives: list[dict[str, object]] = []
    for i in range(1, 9):
        labels = np.full((60, 80), SKY, np.uint8)
        labels[25 + i :] = GRASS
        under = labels.copy()
        boxes = {PERSON: (10 + i, 10, 20, 40), DOG: (45, 35, 20 + i, 15)}
        for label, (left, top, width, height) in boxes.items():
            corners = [left, top, left + width, top + 3, left + width - 2, top + height, left, 50]
            corners[-1] = top + height
            points = np.array(corners, np.int32).reshape(-1, 2)
            cv2.fillPoly(labels, [points], label)
            labels[top + height] = under[top + height]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": i,
                    "category_id": label + 1,
                    "segmentation": [[4 * c for c in corners]],
                    "bbox": [4 * left, 4 * top, 4 * width, 4 * height],
                    "area": 16 * width * height,
                    "iscrowd": 0,
                }
            )
        images.append({"id": i, "file_name": f"{i:012d}.jpg", "width": 320, "height": 240})
        cv2.imwrite(str(folder / f"coco_mini/labels/{i:012d}.png"), labels)
        cv2.imwrite(str(folder / f"coco_mini/images/{i:012d}.jpg"), np.zeros((60, 80, 3), np.uint8))
        narratives.append(
            {
                "image_id": 1000 + i,
                "annotator_id": 0,
                "words": ["a", "person", "on", "grass"],
                "tags": ["person", "person", "grass", "grass"],
            }
        )
    record = {"images": images, "annotations": annotations, "categories": []}
    (folder / "coco_mini/instances.json").write_text(json.dumps(record))
    lines = "\n".join(map(json.dumps, narratives)) + "\n"
    (folder / "narratives/train.jsonl").write_text(lines)
    return folder


def test_silhouettes_are_things_from_polygons_and_stuff_behind_them(small_data):
    found = silhouettes(Dataset(small_data))
    assert {s.label for s in found} == {PERSON, DOG, GRASS, SKY}
    people = [s for s in found if s.label == PERSON]
    assert len(people) == 8
    assert people[0].aspect == pytest.approx(0.5)
    assert people[0].clear
    assert people[0].mask.box == pytest.approx((11 / 80, 10 / 60, 31 / 80, 50 / 60))
    sky = next(s for s in found if s.label == SKY)
    assert sky.mask.bitmap.mean() > 0.99  # nothing is cut out where the person stands
    known = shape_set(found, SIDE)
    assert known.bitmaps.shape == (len(found), SIDE, SIDE)
    assert len(known.aspects) == len(known) == len(found)
    assert set(known.where(known.labels == DOG).photos) == {f"coco/{i:012d}" for i in range(1, 9)}


@pytest.mark.parametrize(("file", "dogs"), [("instances.json", 17 / 9), ("persons.json", 1.0)])
def test_things_are_counted_where_polygons_tell_every_one(tmp_path, small_data, file, dogs):
    folder = shutil.copytree(small_data, tmp_path / "data")
    (folder / "coco_mini").rename(folder / "coco_more")
    path = folder / "coco_more" / "instances.json"
    record = json.loads(path.read_text())
    second = [a | {"id": a["id"] + 99} for a in record["annotations"]]
    record["annotations"] += [a for a in second if a["category_id"] == DOG + 1]
    path.unlink()
    (folder / "coco_more" / file).write_text(json.dumps(record))
    layout = layout_training.fit(LayoutConfig.tiny(), Dataset(folder))
    # A picture with one is counted to those that there are
    assert layout.statistics.instances[DOG] == pytest.approx(dogs)
    assert layout.statistics.occupancy[SKY, 0].mean() > 0.9


def test_outlines_that_another_thing_touches_are_not_free(small_data):
    path = small_data / "coco_mini/instances.json"
    record = json.loads(path.read_text())
    person = next(a for a in record["annotations"] if a["category_id"] == PERSON + 1)
    left, top, width, height = person["bbox"]
    right = left + width
    corners = [right, top, right + 60, top, right + 60, top + height, right - 4, top + height]
    beside = person | {"id": 99, "segmentation": [corners], "bbox": [right - 4, top, 64, height]}
    image = CocoImage(1, f"{1:012d}.jpg", 240, 320, {}, (person, beside))
    alone = CocoImage(1, f"{1:012d}.jpg", 240, 320, {}, (person,))
    assert free_outlines(alone) == [1.0]
    shares = free_outlines(image)
    assert 0.5 < shares[0] < 0.8


def test_stuff_fills_what_things_hide():
    label_map = np.full((6, 6), GRASS, np.uint8)
    label_map[:3] = SKY
    label_map[2:4, 2:4] = PERSON
    filled = stuff_map(label_map)
    assert set(np.unique(filled)) == {GRASS, SKY}
    assert filled[0, 0] == SKY
    assert (stuff_map(np.full((4, 4), PERSON, np.uint8)) == 255).all()


def test_the_fit_stores_a_bank_of_what_it_saw(tmp_path, small_data):
    train(ShapesTraining.tiny(), small_data, tmp_path)
    model = load(tmp_path)
    assert {PERSON, DOG, GRASS, SKY} <= set(model.labels.tolist())
    assert value_of("cat") in model.labels  # of the dog's family
    assert value_of("bottle") not in model.labels
    assert (model.labels == DOG).sum() == 6
    with pytest.raises(InputError, match="no silhouettes"):
        train(ShapesTraining(), tmp_path, tmp_path)


def test_the_fit_is_repeatable():
    known = drawn(20, np.repeat(np.array([PERSON, DOG], np.uint8), 10))
    one, two = (fit(ShapesTraining.tiny(), known) for _ in range(2))
    np.testing.assert_array_equal(one.bitmaps, two.bitmaps)


def test_typicality_counts_the_labels_of_similar_silhouettes():
    bitmaps = np.zeros((60, SIDE, SIDE), bool)
    bitmaps[:30, :, 16:48] = True
    bitmaps[30:, 20:] = True
    labels = np.repeat(np.array([PERSON, DOG], np.uint8), 30)
    labels[0] = DOG  # a stranger among people
    typical = typicality(replace(drawn(60, labels), bitmaps=bitmaps))
    assert typical[0] == pytest.approx(0.05)
    assert typical[1:30].mean() > 0.9
    assert typical[30:].min() > 0.9


def test_free_silhouettes_with_limbs_tell_more():
    known = drawn(20, np.repeat(np.array([PERSON, DOG], np.uint8), 10))
    known.bitmaps[0] = True
    known.free[1] = 0
    worth = telling(replace(known, bitmaps=known.bitmaps))
    assert solidity(known.bitmaps[0]) == 1
    assert worth[0] < 0.6 * np.median(worth[2:10])
    assert worth[1] < 0.2 * np.median(worth[2:10])


def test_the_layout_of_the_small_data(tmp_path, small_data):
    model = layout_training.train(LayoutConfig.tiny(), small_data, tmp_path)
    statistics = model.statistics
    assert statistics.kinds.sum() == pytest.approx(1, abs=1e-5)
    assert statistics.instances[PERSON] == 1
    assert statistics.support[PERSON].argmax() == GRASS
    assert statistics.occupancy[SKY, 0].min() > 0.8
    assert statistics.occupancy[SKY, -1].max() < 0.2
    loaded = layouts.load(tmp_path)
    labels = loaded.label_set(np.random.default_rng(0), DOG)
    assert DOG in labels
    shape = fit(ShapesTraining.tiny(), drawn(len(USED_LABELS), np.array(USED_LABELS, np.uint8)))
    assert generate_scene(shape, loaded, np.random.default_rng(0))


def test_scene_kinds_find_the_groups():
    sets = np.zeros((60, 182), np.float32)
    sets[:30, [PERSON, GRASS]] = 1
    sets[30:, [DOG, SKY]] = 1
    shares, chances = scene_kinds(sets, 2, np.random.default_rng(1))
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert sorted((chances[:, PERSON] > 0.5).tolist()) == [False, True]
    assert (chances[:, PERSON] > 0.5).tolist() == (chances[:, GRASS] > 0.5).tolist()
    assert chances.min() > 0


def test_co_occurrence_is_positive_for_what_meets():
    sets = np.zeros((40, 182), np.float32)
    sets[:20, [PERSON, GRASS]] = 1
    sets[20:, [DOG, SKY]] = 1
    frequency, together = co_occurrence(sets)
    assert frequency[PERSON] == pytest.approx(20.1 / 41)
    expected = frequency[PERSON] * frequency[GRASS] * 40
    assert together[PERSON, GRASS] == pytest.approx(np.log(20.5 / (expected + 0.5)))
    assert together[PERSON, DOG] < -2
