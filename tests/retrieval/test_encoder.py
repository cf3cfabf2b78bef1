import numpy as np
import pytest
import torch

from retrieval.encoder import MAX_MASKS, DualEncoder, EncoderConfig, SceneMasks, batch_of, normalise
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from segmentation.errors import InputError
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
    assert normalise("“Dog's,”") == "dog's"
    assert encoder.numbers(["A", "Dogs!", "zebra", "🐶", "on"]) == [1, 2, 4]


def test_text_vectors_are_unit_and_depend_on_known_words_only(encoder):
    vector = encoder.encode_text(["a", "dog", "on", "grass"])
    assert vector.shape == (6,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(
        vector, encoder.encode_text(["A", "xyzzy", "dog", "on", "grass."]), atol=1e-6
    )
    assert np.linalg.norm(encoder.encode_text(["xyzzy"])) == pytest.approx(1, abs=1e-5)


def test_padding_does_not_change_a_vector(encoder):
    short = encoder.text(torch.tensor([[2, 4, 3]]))
    padded = encoder.text(torch.tensor([[2, 4, 3, 0, 0], [1, 2, 3, 4, 5]]))[:1]
    torch.testing.assert_close(short, padded)


def test_scene_vectors_do_not_depend_on_the_masks_order_or_the_batch(encoder, library):
    vectors = encoder.encode_scenes(library)
    assert vectors.shape == (2, 6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    part = slice(1, 4)
    turned = SceneMasks(
        library.labels[part][::-1], library.boxes[part][::-1], library.areas[part][::-1]
    )
    with torch.no_grad():
        alone = encoder.scene(*batch_of([turned]))[0].numpy()
    np.testing.assert_allclose(alone, vectors[1], atol=1e-5)


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


def test_save_load_fingerprint_and_embed(encoder, library, tmp_path):
    encoder.save(tmp_path / "encoder")
    loaded = DualEncoder.load(tmp_path / "encoder")
    assert loaded.fingerprint == encoder.fingerprint
    assert len(loaded.fingerprint) == 16
    loaded.embed(library.folder)
    embedded = SceneLibrary.open(library.folder)
    assert embedded.encoder_fingerprint == encoder.fingerprint
    np.testing.assert_allclose(embedded.embeddings, encoder.encode_scenes(library), atol=1e-6)
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


def test_the_bundled_encoder_finds_what_is_described(checkpoints):
    encoder = DualEncoder.load(checkpoints / "encoder")
    library = SceneLibrary.open(checkpoints / "library")
    assert library.encoder_fingerprint == encoder.fingerprint
    for text, label in (("a dog is standing on the grass", DOG), ("people in the snow", PERSON)):
        found = library.search(encoder.encode_text(text.split()), 5)
        shown = [label in library.labels[list(library.masks_of(scene))] for scene, _ in found]
        assert sum(shown) >= 4
