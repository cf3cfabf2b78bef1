from dataclasses import replace

import numpy as np
import pytest
import torch

from files.errors import InputError
from retrieval import layouts
from retrieval.encoder import DualEncoder
from retrieval.encoder_config import EncoderConfig
from retrieval.library import SceneLibrary
from retrieval.library_writer import LibraryWriter
from retrieval.scene_side import SceneMasks
from segmentation.masks import Mask
from tests.retrieval.models import DOG, GRASS, SKY, layout_model
from trecs.data.dataset import Dataset
from trecs.scenes.encoder import (
    EncoderTraining,
    _Learner,
    contrastive_loss,
    told_loss,
    train_encoder,
)
from trecs.scenes.encoder_batches import Examples, Noise
from trecs.scenes.encoder_data import Pair


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


def run(folders, out, *, minutes=None, embed=None, **changes):
    train_encoder(
        replace(EncoderTraining.tiny(), **changes),
        Dataset(folders / "data"),
        folders / out,
        layout=folders / "layout",
        library=folders / "library",
        embed=embed,
        minutes=minutes,
    )
    return DualEncoder.load(folders / out / "model")


def test_contrastive_loss_by_hand():
    similarities = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    first, second = np.log(1 + np.exp(-2)), np.log(1 + np.exp(-1))
    assert float(contrastive_loss(similarities, torch.eye(2))) == pytest.approx(
        (first + second) / 2, rel=1e-5
    )
    even = contrastive_loss(torch.zeros(3, 3), torch.ones(3, 3))
    assert float(even) == pytest.approx(np.log(3), rel=1e-5)


def test_hard_negatives_count_for_the_texts_alone():
    similarities = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, -1.0]])
    rows = np.log(1 + np.exp(-2) + np.exp(-1)), np.log(1 + np.exp(-1) + np.exp(-2))
    columns = np.log(1 + np.exp(-2)), np.log(1 + np.exp(-1))
    assert float(contrastive_loss(similarities, torch.eye(2))) == pytest.approx(
        (np.mean(rows) + np.mean(columns)) / 2, rel=1e-5
    )


def test_told_loss_by_hand():
    logits = torch.zeros(2, 182)
    told = torch.eye(2, 182)
    loss = told_loss(logits, told, torch.tensor([True, False]))
    assert float(loss) == pytest.approx(182 * np.log(2), rel=1e-5)
    assert float(told_loss(logits, told, torch.tensor([False, False]))) == 0


def test_shares_of_a_batch_give_the_rows_of_the_whole():
    words = ("a", "dog", "left")
    torch.manual_seed(0)
    learner = _Learner(DualEncoder(EncoderConfig.tiny(3), words), 0.05)
    boxes = np.array([[0.0, 0.4, 0.2, 0.9], [0.3, 0.4, 0.5, 0.9]], np.float32)
    scenes = [
        SceneMasks(np.array(labels, np.uint8), boxes[: len(labels)], boxes[: len(labels), 2])
        for labels in ([DOG], [GRASS, SKY])
    ]
    pairs = [
        Pair(words[:2], scenes[0], "photo", np.array([DOG], np.uint8)),
        Pair(words, scenes[1], "caption"),
    ]
    examples = Examples(pairs, learner.encoder, Noise())
    batch = examples.batch(np.array([0, 1, 1, 0, 1, 0]), np.random.default_rng(0))
    whole = learner(batch)
    parts = [learner(batch.taken(rows)) for rows in (slice(0, 3), slice(3, 6))]
    for got, *halves in zip(whole[:-1], *(part[:-1] for part in parts), strict=True):
        torch.testing.assert_close(torch.cat(halves), got)
    assert whole[-1].item() == pytest.approx(20)


def test_a_stopped_training_goes_on_to_the_same_weights(folders):
    whole = run(folders, "whole", steps=4)
    stopped = run(folders, "parts", minutes=0)
    assert stopped.fingerprint != whole.fingerprint
    resumed = run(folders, "parts", steps=4)
    assert resumed.fingerprint == whole.fingerprint
    assert "here" in resumed.vocabulary


def test_a_library_gets_the_embeddings_of_what_was_trained(folders):
    encoder = run(folders, "run", embed=folders / "library")
    library = SceneLibrary.open(folders / "library")
    scenes = encoder.encode_scenes(library)
    np.testing.assert_array_equal(library.embeddings, scenes.astype(np.float16))


def test_a_run_of_other_words_is_not_continued(folders):
    run(folders, "run", minutes=0)
    path = folders / "data" / "narratives" / "train.jsonl"
    path.write_text(path.read_text().replace("here", "there"))
    with pytest.raises(InputError, match="other data"):
        run(folders, "run")


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


def test_maps_that_networks_made_are_asked_for():
    usual, every = EncoderTraining(), EncoderTraining().of_every_set()
    assert not {"coco_more", "flickr_more"} & set(usual.sets)
    assert {"coco_more", "flickr_more"} <= set(every.sets)
    assert dict(every.shares)["photo"] > dict(usual.shares)["photo"]
    assert [sum(dict(t.shares).values()) for t in (usual, every)] == pytest.approx([1, 1])
