import numpy as np
import pytest

from retrieval.library import SceneLibrary
from retrieval.scene_side import SceneMasks
from segmentation.labels import FIRST_STUFF
from tests.retrieval.models import DOG, GRASS, PERSON, SKY, layout_model
from tests.retrieval.scenes import write
from trecs.data.dataset import Dataset
from trecs.scenes.encoder_data import (
    Pair,
    company_of,
    describe,
    imitated_weights,
    laid_out,
    mirrored,
    narrative_pairs,
    photo_pairs,
    scenes_of,
    tells_sides,
    template_pairs,
    training_scenes,
    with_another_label,
)

BOXES = np.array([[0, 0, 1, 1], [0.0, 0.4, 0.2, 0.9], [0.7, 0.4, 0.9, 0.9]], np.float32)
PEOPLE = SceneMasks(np.array([GRASS, PERSON, PERSON], np.uint8), BOXES, np.ones(3, np.float32))


def told_of(pair: Pair) -> list[int]:
    assert pair.told is not None
    return [int(label) for label in pair.told]


def test_narratives_get_scenes_with_their_labels(tmp_path):
    (tmp_path / "narratives").mkdir()
    (tmp_path / "narratives" / "train.jsonl").write_text(
        '{"image_id": 1, "annotator_id": 0, "words": ["a", "dog", "here"],'
        ' "tags": ["dog", "dog", "dog"]}\n'
    )
    pairs = narrative_pairs(Dataset(tmp_path), layout_model(), 2, np.random.default_rng(0))
    assert len(pairs) == 2
    assert pairs[0].words == ("a", "dog", "here")
    assert told_of(pairs[0]) == [DOG]
    assert {DOG, SKY, GRASS} <= set(pairs[0].scene.labels.tolist())
    assert pairs[0].scene.boxes.shape == (len(pairs[0].scene.labels), 4)


@pytest.mark.real_data
def test_photos_come_with_their_texts_and_none_is_held_back(data_folder):
    dataset = Dataset(data_folder)
    photo, scene = next(pair for pair in training_scenes(dataset) if pair[0].source == "flickr")
    assert not photo.held_back
    pairs = photo_pairs(dataset, [(photo, scene)])
    assert [pair.source for pair in pairs] == ["caption"] * 5
    assert all(pair.scene is scene and pair.told is None for pair in pairs)


def test_a_template_tells_the_things():
    pairs = [describe(PEOPLE, np.random.default_rng(i)) for i in range(30)]
    assert all("people" in pair.words for pair in pairs)
    assert all(("grass" in pair.words) == (GRASS in told_of(pair)) for pair in pairs)
    assert {len(told_of(pair)) for pair in pairs} == {1, 2}
    one_dog = SceneMasks(np.array([DOG], np.uint8), BOXES[1:2], np.ones(1, np.float32))
    texts = {" ".join(describe(one_dog, np.random.default_rng(i)).words) for i in range(40)}
    assert all("a dog" in text for text in texts)
    assert any(text.endswith("on the left side") for text in texts)


def test_a_librarys_scenes_are_described_so_often(tmp_path):
    scenes = list(scenes_of(write(tmp_path / "library")))
    assert isinstance(SceneLibrary.open(tmp_path / "library"), SceneLibrary)
    assert [len(scene.labels) for scene in scenes] == [3, 4, 12]
    pairs = template_pairs(scenes, 2, np.random.default_rng(0))
    assert len(pairs) == 6
    assert "dogs" in pairs[4].words


def test_layouts_have_areas_below_their_boxes():
    scene = laid_out([DOG], layout_model(), np.random.default_rng(0))
    sides = scene.boxes[:, 2:] - scene.boxes[:, :2]
    np.testing.assert_allclose(scene.areas, 0.6 * sides.prod(1), rtol=1e-5)


def test_imitated_weights_err_as_a_tagger_does():
    pairs = [describe(PEOPLE, np.random.default_rng(i)) for i in range(30)]
    company = company_of(pairs)
    share = company[PERSON, GRASS] / company[PERSON].sum()
    assert company[PERSON, GRASS] == company[GRASS, PERSON] == company[GRASS, GRASS] > 0
    told = np.array([PERSON, DOG], np.uint8)
    rng = np.random.default_rng(0)
    weights = np.stack([imitated_weights(told, company, rng) for _ in range(2000)])
    assert weights.dtype == np.float32
    assert (weights[:, told] > 0.7).mean() == pytest.approx(0.68, abs=0.03)
    assert (weights[:, told] < 0.15).mean() == pytest.approx(0.12, abs=0.03)
    false = np.delete(weights, told, 1) > 0
    assert weights[:, GRASS].mean() > 100 * weights[:, SKY].mean()
    # 3.5 draws on average, of person or grass: grass is seen if any of them is.
    assert false.sum(1).mean() == pytest.approx(1 - np.exp(-3.5 * share), abs=0.04)


def test_a_mirror_swaps_left_and_right():
    boxes = mirrored(PEOPLE).boxes
    np.testing.assert_allclose(boxes[1], [0.8, 0.4, 1.0, 0.9], atol=1e-6)
    np.testing.assert_allclose(mirrored(mirrored(PEOPLE)).boxes, BOXES, atol=1e-6)
    assert tells_sides(["on", "the", "Left,"])
    assert not tells_sides(["leftover"])


def test_a_hard_negative_shows_another_label_of_the_same_kind():
    frequency = np.ones(182)
    frequency[DOG] = 1e6
    for seed in range(20):
        rng = np.random.default_rng(seed)
        told = np.array([PERSON, DOG], np.uint8)
        other = with_another_label(PEOPLE, told, frequency, rng).labels
        assert other[0] == GRASS
        assert other[1] == other[2] == DOG
        told = np.array([SKY], np.uint8)
        other = with_another_label(PEOPLE, told, frequency, rng).labels
        assert {int(label) >= FIRST_STUFF for label in other[1:]} == {False}
        assert other[0] >= FIRST_STUFF
        assert (other == PEOPLE.labels).sum() in (1, 2)
