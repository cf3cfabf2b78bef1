import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import load_file

from segmentation.errors import InputError
from trecs.alignment import Region
from trecs.narrative import from_text
from trecs.trace_network import CUE_INPUTS, CUES, TraceConfig, TraceNetwork
from trecs.trace_predictor import TracePredictor
from trecs.training.data import Dataset
from trecs.training.photo_masks import PhotoMasks
from trecs.training.trace import Batch, TraceTraining, count_labels, edge_loss, make_batch, train
from trecs.training.trace_examples import (
    Example,
    Scene,
    TraceData,
    made_up_example,
    mention_order,
    read,
    real_example,
)

DOG, GRASS, SKY = 17, 123, 156


def write_photo(folder: Path, name: str, labels: NDArray[np.uint8]) -> None:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", labels.shape[::-1]).save(folder / "images" / f"{name}.jpg")
    Image.fromarray(labels).save(folder / "labels" / f"{name}.png")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Photos with sky above grass, and a dog in COCO's polygons; one with a narrative."""
    labels = np.full((60, 80), SKY, np.uint8)
    labels[30:] = GRASS
    labels[40:50, 20:40] = DOG
    for number in range(1, 16):
        write_photo(tmp_path / "coco_mini", f"{number:012d}", labels)
        write_photo(tmp_path / "flickr", f"photo{number}", labels)
    dog = {"id": 1, "image_id": 1, "category_id": DOG + 1, "iscrowd": 0}
    dog["segmentation"] = [[40, 80, 80, 80, 80, 100, 40, 100]]
    images = [
        {"id": i, "file_name": f"{i:012d}.jpg", "width": 160, "height": 120} for i in range(1, 16)
    ]
    (tmp_path / "coco_mini" / "instances.json").write_text(
        json.dumps({"images": images, "annotations": [dog], "categories": []})
    )
    (tmp_path / "narratives").mkdir()
    words = "in this image a dog on the grass".split()
    tags = ["dog"] * 5 + ["grass"] * 3
    record = {"image_id": 1, "annotator_id": 0, "words": words, "tags": tags}
    (tmp_path / "narratives" / "train.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path


def test_masks_of_polygons_and_of_connected_parts(data: Path):
    dataset = Dataset(data)
    maker = PhotoMasks(dataset, size=120)
    photos = {(p.source, p.name): p for p in dataset.photos()}
    masks = maker.of(photos["coco", f"{1:012d}"])
    assert {label: len(some) for label, some in masks.items()} == {DOG: 1, GRASS: 1, SKY: 1}
    rows, columns = np.nonzero(masks[DOG][0])
    assert (rows.min(), rows.max()) == pytest.approx((80, 99), abs=1)
    assert (columns.min(), columns.max()) == pytest.approx((30, 59), abs=1)
    assert DOG not in maker.of(photos["coco", f"{2:012d}"])
    assert DOG in maker.of(photos["flickr", "photo1"])


def test_read_sets_aside_one_photo_in_twelve(data: Path):
    training, aside = read(data)
    held = len(Dataset(data).photos(held_back=True))
    assert len(training.scenes) + len(aside.scenes) == 30 - held
    assert len(aside.scenes) == -(-(30 - held) // 12)
    (example,) = training.real + aside.real
    assert example.labels.tolist() == [DOG, GRASS]
    # 80 / 160 wide from 40 / 160, in steps of 1 / 128
    assert example.boxes[0] == pytest.approx([0.25, 80 / 120, 0.5, 100 / 120], abs=0.01)


def test_real_example_without_a_mask_has_no_box(data: Path):
    (narrative,) = Dataset(data).narratives("train")
    example = real_example(narrative, {GRASS: [np.ones((4, 4), bool)]})
    assert np.isnan(example.boxes[0]).all()
    assert example.boxes[1].tolist() == [0, 0, 1, 1]


def test_mirrored_example_swaps_sides(data: Path):
    (narrative,) = Dataset(data).narratives("train")
    mask = np.zeros((10, 10), bool)
    mask[2:4, 1:3] = True
    example = real_example(narrative, {DOG: [mask]})
    example.cues[0, CUES.index("left")] = 1
    mirrored = example.mirrored()
    assert mirrored.boxes[0] == pytest.approx([0.7, 0.2, 0.9, 0.4])
    assert mirrored.cues[0, CUES.index("right")] == 1
    assert mirrored.cues[0, CUES.index("left")] == 0
    assert np.array_equal(mirrored.mirrored().cues, example.cues)


def test_made_up_narratives_tell_sides_truly():
    box = (0.0, 0.7, 0.2, 0.9)
    scene = Scene({DOG: [box]}, {DOG: [0.04]}, 1.0)
    order = mention_order([np.array([DOG, GRASS], np.uint8)])
    rng = np.random.default_rng(0)
    examples = [made_up_example(scene, order, rng) for _ in range(300)]
    told = [e.cues[0] for e in examples if len(e.labels)]
    assert 200 < len(told) < 290
    counts = dict(zip(CUES, sum(told)[: len(CUES)].tolist(), strict=True))
    assert counts["left"] > 10
    assert counts["right"] == counts["top"] == 0


def test_mention_order():
    order = mention_order([np.array([DOG, DOG, GRASS, GRASS], np.uint8)])
    assert order[[DOG, GRASS, SKY]] == pytest.approx([1.0 / 3, 2.0 / 3, 0.5])


def test_loss_of_an_even_guess():
    network = TraceNetwork(TraceConfig.tiny())
    for head in network.edge:
        torch.nn.init.zeros_(head[-1].weight)
        torch.nn.init.zeros_(head[-1].bias)
    known = torch.full((1, 1, 4), -1)
    target = torch.tensor([[[0, 20, 10, 12]]])
    labels, padding = torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 1, dtype=torch.bool)
    batch = Batch(labels, torch.zeros(1, 1, CUE_INPUTS), known, padding, target)
    # 20 positions for left and for top, 20 right of 0, 10 below 10
    expected = (3 * np.log(20) + np.log(10)) / 4
    assert edge_loss(network, batch, 0.7).item() == pytest.approx(expected, abs=1e-4)


def test_counts():
    network = TraceNetwork(TraceConfig.tiny())
    half, nowhere = [0.0, 0.0, 1.0, 0.5], [np.nan] * 4
    cues = np.zeros((3, CUE_INPUTS), np.float32)
    real = Example(np.array([SKY, DOG, SKY]), cues, np.array([half, half, nowhere]))
    order = mention_order([])
    count_labels(network, TraceData([], [real, real], order), np.random.default_rng(0))
    assert network.placement[SKY].sum().item() == 4 * 2
    assert network.placement[SKY, 1, 5].item() == 2
    assert network.together[SKY, DOG].item() == network.together[DOG, SKY].item() == 2
    assert network.together[SKY, SKY].item() == 0
    scene = Scene({SKY: [(0.0, 0.0, 1.0, 1.0)]}, {SKY: [1.0]}, 0.5)
    count_labels(network, TraceData([scene], [], order), np.random.default_rng(0))
    assert 0.1 < network.placement[SKY, 0, 10].item() - 2 <= 0.5


def test_batch_hides_something_in_every_narrative(data: Path):
    training, _ = read(data)
    batch = make_batch(training, TraceTraining.tiny(), TraceConfig.tiny(), np.random.default_rng(0))
    assert (batch.target[..., 0] >= 0).any(1).all()
    assert not ((batch.target[..., 0] >= 0) & (batch.known[..., 0] >= 0)).any()
    assert (batch.known[batch.padding] == -1).all()


def test_interrupted_training_ends_the_same(data: Path, tmp_path: Path):
    config = TraceTraining.tiny()
    whole = train(config, data, tmp_path / "whole")
    train(config, data, tmp_path / "parts", minutes=0.0)
    state = torch.load(tmp_path / "parts" / "state.pt", weights_only=True)
    assert 0 < state["step"] < config.steps
    parts = train(config, data, tmp_path / "parts")
    first, second = (load_file(folder / "model.safetensors") for folder in (whole, parts))
    assert first.keys() == second.keys()
    for name in first:
        assert np.allclose(first[name], second[name], atol=1e-6), name
    TracePredictor.load(whole)


def test_training_learns_where_the_sky_is(data: Path, tmp_path: Path):
    config = replace(TraceTraining.tiny(), steps=150, rate=1e-2)
    predictor = TracePredictor.load(train(config, data, tmp_path / "run"))
    regions = (Region(SKY, 0, 1), Region(GRASS, 1, 2))
    sky, grass = predictor.predict(from_text("sky grass"), regions, 0)
    assert sky == pytest.approx((0, 0, 1, 0.5), abs=0.11)
    assert grass == pytest.approx((0, 0.5, 1, 1), abs=0.11)


def test_no_photos(tmp_path: Path):
    with pytest.raises(InputError, match="no training photos"):
        train(TraceTraining.tiny(), tmp_path, tmp_path / "run")


@pytest.mark.real_data
def test_real_photos_have_masks_of_what_their_narratives_say(data_folder: Path):
    dataset = Dataset(data_folder)
    maker = PhotoMasks(dataset, size=64)
    photos = {p.name: p for p in dataset.photos(held_back=False) if p.source == "coco"}
    narratives = [n for n in dataset.narratives("train") if f"{n.image_id:012d}" in photos][:20]
    examples = [real_example(n, maker.of(photos[f"{n.image_id:012d}"])) for n in narratives]
    located = np.concatenate([np.isfinite(example.boxes[:, 0]) for example in examples])
    assert located.mean() > 0.8
