from dataclasses import replace

import numpy as np
import pytest
import torch

from retrieval import layouts
from retrieval.encoder import DualEncoder, SceneMasks
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from segmentation.errors import InputError
from segmentation.masks import Mask
from tests.retrieval.models import DOG, GRASS, PERSON, SKY, layout_model
from trecs.training.encoder import EncoderTraining, contrastive_loss, train
from trecs.training.encoder_data import describe, generated_pairs, laid_out, narrative_pairs


@pytest.fixture
def folders(tmp_path):
    """Data of narratives alone, a layout model and a small library."""
    (tmp_path / "data" / "narratives").mkdir(parents=True)
    (tmp_path / "data" / "narratives" / "train.jsonl").write_text(
        "\n".join(
            f'{{"image_id": {i}, "annotator_id": 0, "words": ["a", "{name}", "here"],'
            f' "tags": ["{name}", "{name}", "{name}"]}}'
            for i, name in enumerate(("dog", "person", "sheep", "grass") * 3)
        )
        + "\n"
    )
    (tmp_path / "data" / "coco_mini").mkdir()
    (tmp_path / "data" / "coco_mini" / "instances.json").write_text(
        '{"images": [], "annotations": []}'
    )
    layouts.save(layout_model(), tmp_path / "layout")
    full = Mask((0, 0, 1, 1), np.ones((4, 4), bool))
    with LibraryWriter(tmp_path / "library") as writer:
        for label in (GRASS, SKY):
            dogs = [(DOG, Mask((0.1, 0.5, 0.3, 0.9), full.bitmap))] * 2
            writer.append_scene("a scene", [(label, full), *dogs])
        writer.finish("a test")
    return tmp_path


def run(folders, out, **changes):
    config = replace(EncoderTraining.tiny(), **changes)
    return train(config, folders / "data", folders / "layout", folders / "library", folders / out)


def test_contrastive_loss_by_hand():
    similarities = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    first, second = np.log(1 + np.exp(-2)), np.log(1 + np.exp(-1))
    assert float(contrastive_loss(similarities, torch.eye(2))) == pytest.approx(
        (first + second) / 2, rel=1e-5
    )
    even = contrastive_loss(torch.zeros(3, 3), torch.ones(3, 3))
    assert float(even) == pytest.approx(np.log(3), rel=1e-5)


def test_narratives_get_scenes_with_their_labels(folders):
    from trecs.training.data import Dataset

    pairs = narrative_pairs(Dataset(folders / "data"), layout_model(), 2, np.random.default_rng(0))
    assert len(pairs) == 24
    assert pairs[0].words == ("a", "dog", "here")
    assert DOG in pairs[0].scene.labels
    assert {SKY, GRASS} <= set(pairs[0].scene.labels.tolist())
    assert pairs[0].scene.boxes.shape == (len(pairs[0].scene.labels), 4)


def test_a_template_tells_the_things():
    boxes = np.array([[0, 0, 1, 1], [0.0, 0.4, 0.2, 0.9], [0.7, 0.4, 0.9, 0.9]], np.float32)
    scene = SceneMasks(np.array([GRASS, PERSON, PERSON], np.uint8), boxes, np.ones(3, np.float32))
    texts = {" ".join(describe(scene, np.random.default_rng(i))) for i in range(30)}
    assert all("people" in text for text in texts)
    assert any("grass" in text for text in texts)
    one_dog = SceneMasks(np.array([DOG], np.uint8), boxes[1:2], np.ones(1, np.float32))
    texts = {" ".join(describe(one_dog, np.random.default_rng(i))) for i in range(40)}
    assert all("a dog" in text for text in texts)
    assert any(text.endswith("on the left side") for text in texts)


def test_generated_scenes_are_described_once(folders):
    library = SceneLibrary.open(folders / "library")
    pairs = generated_pairs(library, np.random.default_rng(0))
    assert len(pairs) == 2
    assert "dogs" in pairs[0].words


def test_layouts_have_areas_below_their_boxes():
    scene = laid_out([DOG], layout_model(), np.random.default_rng(0))
    sides = scene.boxes[:, 2:] - scene.boxes[:, :2]
    np.testing.assert_allclose(scene.areas, 0.6 * sides.prod(1), rtol=1e-5)


def test_a_stopped_training_goes_on_to_the_same_weights(folders):
    whole = run(folders, "whole", steps=4)
    stopped = train(
        EncoderTraining.tiny(),
        folders / "data",
        folders / "layout",
        folders / "library",
        folders / "parts",
        minutes=0,
    )
    assert stopped.fingerprint != whole.fingerprint
    resumed = run(folders, "parts", steps=4)
    assert resumed.fingerprint == whole.fingerprint
    loaded = DualEncoder.load(folders / "parts" / "model")
    assert loaded.fingerprint == whole.fingerprint
    assert "here" in loaded.vocabulary


def test_training_lowers_the_loss(folders, capsys):
    run(folders, "long", steps=100, learning_rate=1e-2)
    encoder = DualEncoder.load(folders / "long" / "model")
    library = SceneLibrary.open(folders / "library")
    scores = encoder.encode_scenes(library) @ encoder.encode_text(["dogs", "grass"])
    assert scores[0] > scores[1]


def test_data_without_narratives_are_refused(folders):
    (folders / "data" / "narratives" / "train.jsonl").unlink()
    with pytest.raises(InputError, match="no narratives"):
        run(folders, "none")
