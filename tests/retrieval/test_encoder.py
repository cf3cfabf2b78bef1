import numpy as np
import pytest
import torch

from files.errors import InputError
from retrieval.encoder import DualEncoder
from retrieval.encoder_config import EncoderConfig
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.scene_side import SceneMasks, batch_of
from segmentation.labels import value_of
from segmentation.masks import Mask
from tests.retrieval.models import DOG, GRASS, PERSON, SKY

WORDS = ("a", "dog", "grass", "on", "person")


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return DualEncoder(EncoderConfig.tiny(len(WORDS)), WORDS).eval()


@pytest.fixture
def library(tmp_path):
    full, half = np.ones((8, 8), bool), np.ones((4, 4), bool)
    with LibraryWriter(tmp_path / "library") as writer:
        writer.append_scene("one", [(GRASS, Mask((0, 0, 1, 1), full))])
        writer.append_scene(
            "two",
            [
                (SKY, Mask((0, 0, 1, 0.5), full)),
                (PERSON, Mask((0.2, 0.2, 0.4, 0.9), half)),
                (DOG, Mask((0.6, 0.6, 0.9, 0.9), half)),
            ],
        )
        writer.finish("a test")
    return SceneLibrary.open(tmp_path / "library")


def test_words_are_normalised_and_plurals_found(encoder):
    assert encoder.numbers(["A", "Dogs!", "zebra", "🐶", "on"]) == [1, 2, 4]


def test_text_vectors_depend_on_known_words_only(encoder):
    vector = encoder.encode_text(["a", "dog", "on", "grass"])
    assert vector.shape == (188,)
    assert vector.dtype == np.float32
    np.testing.assert_allclose(
        vector, encoder.encode_text(["A", "xyzzy", "dog", "on", "grass."]), atol=1e-6
    )
    assert np.isfinite(encoder.encode_text(["xyzzy"])).all()
    assert np.isfinite(encoder.encode_text([])).all()


def test_label_weights_are_read_by_word_or_for_the_whole_text(encoder):
    by_word = np.zeros((2, 182), np.float32)
    by_word[0, DOG], by_word[1, GRASS] = 0.9, 0.8
    vector = encoder.encode_text(["a", "xyzzy"], by_word)
    assert set(np.argsort(-vector[:182])[:2].tolist()) == {DOG, GRASS}
    assert np.array_equal(vector, encoder.encode_text(["a", "xyzzy"], by_word.max(0)))
    without = encoder.encode_text(["a", "xyzzy"])
    assert np.array_equal(without, encoder.encode_text(["a", "xyzzy"], by_word[:0]))
    assert not np.allclose(without, vector, atol=1e-2)


def test_scene_vectors_do_not_depend_on_the_masks_order_or_the_batch(encoder, library):
    vectors = encoder.encode_scenes(library)
    assert vectors.shape == (2, 188)
    part = slice(1, 4)
    turned = SceneMasks(
        library.labels[part][::-1], library.boxes[part][::-1], library.areas[part][::-1]
    )
    with torch.no_grad():
        alone = encoder.scene(*batch_of([turned]))[0].numpy()
    np.testing.assert_allclose(alone, vectors[1], atol=1e-5)


def test_a_similarity_is_a_mean_of_two_cosines(encoder, library):
    weights = np.zeros(182, np.float32)
    weights[[DOG, SKY]] = 1
    text = encoder.encode_text(["a", "dog"], weights)
    scenes = encoder.encode_scenes(library)
    assert np.linalg.norm(text[:182]) + np.linalg.norm(text[182:]) == pytest.approx(1, abs=1e-5)
    assert (np.linalg.norm(scenes[:, :182], axis=1) < 1).all()
    np.testing.assert_allclose(np.linalg.norm(scenes[:, 182:], axis=1), 1, atol=1e-5)
    named, shown = text[:182] @ scenes[:, :182].T
    assert shown > named > 0


def test_save_load_fingerprint_and_embed(encoder, library, tmp_path):
    encoder.save(tmp_path / "encoder")
    loaded = DualEncoder.load(tmp_path / "encoder")
    assert loaded.fingerprint == encoder.fingerprint
    assert len(loaded.fingerprint) == 16
    loaded.embed(library.folder)
    embedded = SceneLibrary.open(library.folder)
    assert embedded.encoder_fingerprint == encoder.fingerprint
    np.testing.assert_allclose(embedded.embeddings, encoder.encode_scenes(library), atol=1e-3)
    with torch.no_grad():
        loaded.text.out.bias.add_(1)
    del loaded.fingerprint
    assert loaded.fingerprint != encoder.fingerprint


def test_a_vocabulary_of_another_length_is_refused(encoder, tmp_path):
    encoder.save(tmp_path)
    (tmp_path / "vocab.txt").write_text("a\ndog\n")
    with pytest.raises(InputError, match=r"has 2 words; config\.json says 5"):
        DualEncoder.load(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(InputError, match="vocabulary"):
        DualEncoder.load(tmp_path)


PLAIN = [
    ("a dog is standing on the grass", ("dog", "grass")),
    ("people in the snow", ("person", "snow")),
    ("a bus on the street between tall buildings", ("bus", "road")),
    ("a boat on the sea", ("boat", "sea")),
]


@pytest.mark.parametrize(("text", "labels"), PLAIN)
def test_the_bundled_encoder_finds_what_is_described_in_plain_words(checkpoints, text, labels):
    encoder = DualEncoder.load(checkpoints / "encoder")
    library = SceneLibrary.open(checkpoints / "library")
    assert library.encoder_fingerprint == encoder.fingerprint
    found = library.search(encoder.encode_text(text.split()), 5)
    shown = [set(library.labels[list(library.masks_of(scene))].tolist()) for scene, _ in found]
    assert sum(value_of(labels[0]) in scene for scene in shown) >= 4
    assert sum(value_of(label) in scene for scene in shown for label in labels) >= 6


def test_the_bundled_encoder_heeds_what_a_tagger_sees(checkpoints):
    encoder = DualEncoder.load(checkpoints / "encoder")
    library = SceneLibrary.open(checkpoints / "library")
    wanted = [value_of("dog"), value_of("frisbee")]
    weights = np.zeros(182, np.float32)
    weights[wanted] = 0.9
    ((best, _),) = library.search(encoder.encode_text("a puppy catches a disc".split(), weights), 1)
    assert set(wanted) <= set(library.labels[list(library.masks_of(best))].tolist())
