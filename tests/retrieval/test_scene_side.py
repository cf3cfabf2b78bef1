import numpy as np
import pytest
import torch

from retrieval.encoder_config import EncoderConfig
from retrieval.scene_side import MAX_MASKS, SceneMasks, SceneSide, batch_of
from tests.retrieval.models import DOG, GRASS, PERSON, SKY

NOTHING = SceneMasks(np.zeros(0, np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def scene(*labels, area=0.1):
    count = len(labels)
    boxes = np.tile(np.array([0.2, 0.2, 0.6, 0.6], np.float32), (count, 1))
    return SceneMasks(np.array(labels, np.uint8), boxes, np.full(count, area, np.float32))


@pytest.fixture
def side():
    torch.manual_seed(0)
    return SceneSide(EncoderConfig.tiny(1)).eval()


@torch.no_grad()
def embedded(side, *scenes):
    return side(*batch_of(scenes)).numpy()


def test_a_batch_keeps_the_largest_masks():
    count = MAX_MASKS + 5
    areas = np.linspace(0.1, 0.9, count).astype(np.float32)
    scene = SceneMasks(np.arange(count, dtype=np.uint8), np.tile([0, 0, 1, 1], (count, 1)), areas)
    labels, geometry, present = batch_of([scene])
    assert labels.shape == (1, MAX_MASKS)
    assert geometry.shape == (1, MAX_MASKS, 8)
    assert labels[0, 0] == count - 1
    assert present.all()
    assert geometry[0, 0, 4] == pytest.approx(0.9**0.5)


def test_the_first_part_has_the_labels_that_are_shown(side):
    vectors = embedded(side, scene(DOG, GRASS), scene(PERSON), NOTHING)
    assert [np.flatnonzero(v[:182]).tolist() for v in vectors] == [[DOG, GRASS], [PERSON], []]
    surplus = np.exp(2 * 1.8)
    assert vectors[0, DOG] == pytest.approx(1 / np.sqrt(2 + surplus), rel=1e-5)
    assert vectors[1, PERSON] == pytest.approx(1 / np.sqrt(1 + surplus), rel=1e-5)


def test_area_and_count_weigh_as_they_were_learned_for_things_and_stuff(side):
    with torch.no_grad():
        side.by_area.copy_(torch.tensor([0.5, 0.0]))
        side.by_count.copy_(torch.tensor([0.0, 1.0]))
    small, large, stuff = embedded(
        side, scene(DOG, GRASS, area=0.01), scene(DOG, GRASS, area=0.2), scene(DOG, SKY, SKY)
    )
    ratio = (0.201 / 0.011) ** 0.5
    assert large[DOG] / large[GRASS] == pytest.approx(ratio * small[DOG] / small[GRASS], rel=1e-4)
    dog = (0.101 * np.exp(3)) ** 0.5
    assert stuff[SKY] / stuff[DOG] == pytest.approx(2 / dog, rel=1e-4)
