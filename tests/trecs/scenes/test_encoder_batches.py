import numpy as np
import pytest
import torch

from retrieval.encoder import DualEncoder
from retrieval.encoder_config import EncoderConfig
from retrieval.scene_side import SceneMasks
from tests.retrieval.models import DOG, GRASS, PERSON
from trecs.scenes.encoder_batches import Examples, Noise
from trecs.scenes.encoder_data import Pair

WORDS = ("a", "dog", "left")
BOX = np.array([[0.0, 0.4, 0.2, 0.9], [0.3, 0.4, 0.5, 0.9]], np.float32)
SCENE = SceneMasks(np.array([DOG, GRASS], np.uint8), BOX, np.array([0.1, 0.2], np.float32))
PAIRS = [
    Pair(("a", "dog", "left"), SCENE, "photo", np.array([DOG], np.uint8)),
    Pair(("a", "a", "a", "dog"), SCENE, "caption"),
]
NONE = Noise(word_dropout=0.0, mask_dropout=0.0, unweighted=0.0)


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return DualEncoder(EncoderConfig.tiny(len(WORDS)), WORDS)


def test_a_batch_has_texts_scenes_and_negatives(encoder):
    examples = Examples(PAIRS, encoder, NONE)
    batch = examples.batch(np.array([1, 0, 0]), np.random.default_rng(0))
    assert batch.words.tolist() == [[1, 1, 1, 2], [1, 2, 3, 0], [1, 2, 3, 0]]
    assert batch.known.tolist() == batch.given.tolist() == [False, True, True]
    assert batch.told[1].nonzero().flatten().tolist() == [DOG]
    assert batch.labels[:, 0].tolist() == [[GRASS, DOG]] * 3
    assert batch.label_sets()[0].nonzero().flatten().tolist() == [DOG, GRASS]
    part = batch.taken(slice(1, None))
    assert torch.equal(part.geometry, batch.geometry[1:])
    assert len(part.words) == 2


def test_negatives_of_sided_texts_are_mirrored_or_show_another_label(encoder):
    examples = Examples(PAIRS, encoder, NONE)
    batch = examples.batch(np.zeros(200, np.int64), np.random.default_rng(0))
    centres = batch.geometry[:, :, :, 0]
    assert (centres[:, 0] == centres[0, 0]).all()
    turned = torch.isclose(centres[:, 1], -centres[:, 0]).all(1)
    assert turned.float().mean() == pytest.approx(0.5, abs=0.1)
    relabelled = (batch.labels[:, 1] != batch.labels[:, 0]).any(1)
    assert (relabelled != turned).all()


def test_texts_without_sides_have_mirrored_scenes_as_often_as_not(encoder):
    examples = Examples(PAIRS, encoder, NONE)
    batch = examples.batch(np.ones(200, np.int64), np.random.default_rng(0))
    left = batch.geometry[:, 0, 0, 0] < 0
    assert left.float().mean() == pytest.approx(0.5, abs=0.1)


def test_noise_leaves_out_words_weights_and_masks_but_not_the_largest(encoder):
    pairs = [Pair(("dog",) * 4, SCENE, "photo", np.array([DOG, PERSON], np.uint8))]
    examples = Examples(pairs, encoder, Noise(3, 0.5, 0.5, 0.5))
    batch = examples.batch(np.zeros(300, np.int64), np.random.default_rng(0))
    assert batch.words.shape == (300, 3)
    assert (batch.words == 0).float().mean() == pytest.approx(0.5, abs=0.06)
    assert batch.given.float().mean() == pytest.approx(0.5, abs=0.1)
    assert batch.present[:, 0, 0].all()
    assert torch.equal(batch.present[:, 0], batch.present[:, 1])
    assert batch.present[:, 0, 1].float().mean() == pytest.approx(0.5, abs=0.1)
