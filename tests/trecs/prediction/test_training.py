import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import load_file

from files.errors import InputError
from trecs import narrative
from trecs.alignment.regions import Region
from trecs.data.dataset import Dataset, TaggedNarrative
from trecs.data.photo_masks import PhotoMasks
from trecs.narrative import Narrative, Word, from_text
from trecs.prediction.examples import (
    FINE,
    Scene,
    box,
    framed,
    grid,
    mention_order,
    read,
    simulated_example,
    traced_example,
)
from trecs.prediction.made_up import made_up_example
from trecs.prediction.network import CUE_INPUTS, CUES, TraceConfig, TraceNetwork
from trecs.prediction.predictor import TracePredictor
from trecs.prediction.training import (
    Batch,
    TraceTraining,
    cell_loss,
    make_batch,
    train_trace,
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
    outline = [[40, 80, 80, 80, 80, 100, 40, 100]]
    dog = {"id": 1, "image_id": 1, "category_id": DOG + 1, "segmentation": outline, "iscrowd": 0}
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
    training, aside = read(Dataset(data))
    held = len(Dataset(data).photos(held_back=True))
    assert len(training.scenes) + len(aside.scenes) == 30 - held
    assert len(aside.scenes) == -(-(30 - held) // 12)
    (example,) = training.real + aside.real
    assert example.labels.tolist() == [DOG, GRASS]
    # 80 / 160 wide from 40 / 160, in steps of 1 / 40
    assert box(example.grids[0]) == pytest.approx([0.25, 80 / 120, 0.5, 100 / 120], abs=0.03)


def test_read_takes_sure_maps_that_networks_made_and_sets_none_aside(data: Path):
    for folder in ("coco_mini", "flickr"):
        shutil.rmtree(data / folder)
    labels = np.full((60, 80), GRASS, np.uint8)
    labels[40:50, 20:40] = DOG
    lines = ["photo,source,expected_accuracy"]
    for number, accuracy in ((1, 0.8), (2, 0.4), (3, 1.0)):
        write_photo(data / "coco_more", f"{number:012d}", labels)
        source = "machine" if accuracy < 1 else "official"
        lines.append(f"{number:012d},{source},{accuracy}")
    (data / "coco_more" / "labels.csv").write_text("\n".join(lines) + "\n")
    training, aside = read(Dataset(data), least_accuracy=0.5)
    assert (len(training.scenes), len(training.real)) == (1, 1)
    assert (len(aside.scenes), len(aside.real)) == (1, 0)
    assert training.real[0].located.all()


def test_a_region_without_a_mask_is_nowhere(data: Path):
    (narrative,) = Dataset(data).narratives("train")
    example = simulated_example(narrative, {GRASS: [np.ones((4, 4), bool)]})
    assert example.located.tolist() == [False, True]
    assert (example.grids[1] == 255).all()


def test_mirrored_example_swaps_sides(data: Path):
    (narrative,) = Dataset(data).narratives("train")
    mask = np.zeros((10, 10), bool)
    mask[2:4, 1:3] = True
    example = simulated_example(narrative, {DOG: [mask]})
    example.cues[0, CUES.index("left")] = 1
    mirrored = example.mirrored()
    assert box(mirrored.grids[0]) == pytest.approx([0.7, 0.2, 0.9, 0.4])
    assert mirrored.cues[0, CUES.index("right")] == 1
    assert mirrored.cues[0, CUES.index("left")] == 0
    assert np.array_equal(mirrored.mirrored().cues, example.cues)


def test_a_frame_enlarges_and_leaves_out():
    cells = np.zeros((2, FINE, FINE), np.uint8)
    cells[0, 20:30, 20:30] = (
        255  # the quarter of the lower right quarter that is next to the middle
    )
    cells[1, 0:10, 15:22] = 255
    seen, kept = framed(cells, np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    assert kept.tolist() == [True, False]
    assert box(seen[0]) == (0, 0, 0.5, 0.5)
    assert not seen[1].any()


def test_small_masks_leave_something_on_their_grid():
    mask = np.zeros((400, 400), bool)
    mask[201, 301] = True
    assert box(grid(mask)) == (30 / 40, 20 / 40, 31 / 40, 21 / 40)


def traced(words: str, drawn: dict[int, tuple[float, float, float, float]]) -> Narrative:
    """A word a second; where a box is given, its corners are drawn meanwhile."""
    strokes = [
        np.array([[x0, y0, i + 0.2], [x1, y0, i + 0.4], [x1, y1, i + 0.6], [x0, y1, i + 0.8]])
        for i, (x0, y0, x1, y1) in drawn.items()
    ]
    spoken = tuple(Word(word, i, i + 1) for i, word in enumerate(words.split()))
    return Narrative(spoken, tuple(strokes), image_id="1", annotator_id=0)


def test_a_traced_region_lies_where_its_label_is_in_its_hull():
    labels = np.full((80, 80), GRASS, np.uint8)
    labels[:40] = SKY
    tagged = TaggedNarrative(1, 0, ("sky", "dog", "grass"), np.array([SKY, DOG, GRASS], np.uint8))
    told = traced("sky dog grass", {0: (0, 0.25, 1, 0.75), 1: (0.25, 0.25, 0.5, 0.5)})
    example = traced_example(tagged, told, labels)
    assert example.labels.tolist() == [SKY, DOG, GRASS]
    assert box(example.grids[0]) == pytest.approx((0, 0.25, 1, 0.5), abs=0.03)
    assert box(example.grids[1]) == pytest.approx((0.25, 0.25, 0.5, 0.5), abs=0.03)  # no dog there
    assert example.located.tolist() == [True, True, False]


def test_training_reads_real_traces_where_they_are(data: Path):
    """The narrative's own trace, not the simulated one, tells where its dog and grass are."""
    told = traced("In this image, a dog - on the grass", {4: (0, 0, 0.2, 0.2), 8: (0, 0.5, 1, 1)})
    other = replace(told, annotator_id=5)
    path = data / "narratives" / "localized_train.jsonl"
    path.write_text(narrative.dumps(other) + "\n" + narrative.dumps(told) + "\n")
    (example,) = [example for part in read(Dataset(data)) for example in part.real]
    assert example.labels.tolist() == [DOG, GRASS]
    assert box(example.grids[0]) == pytest.approx((0, 0, 0.2, 0.2), abs=0.03)
    assert box(example.grids[1]) == pytest.approx((0, 0.5, 1, 1), abs=0.03)
    path.write_text(narrative.dumps(other) + "\n")
    (example,) = [example for part in read(Dataset(data)) for example in part.real]
    assert box(example.grids[0]) == pytest.approx([0.25, 80 / 120, 0.5, 100 / 120], abs=0.03)


def test_made_up_narratives_tell_sides_truly():
    cells = np.zeros((1, FINE, FINE), np.uint8)
    cells[0, 28:36, :8] = 255
    order = mention_order([np.array([DOG, GRASS], np.uint8)])
    rng = np.random.default_rng(0)
    examples = [made_up_example(Scene({DOG: cells}, 1.0), order, rng) for _ in range(300)]
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
    target = torch.zeros(1, 2, 20, 20)
    target[0, 0, :5] = 1.0
    network.prior[DOG, :5] = 1.0
    batch = Batch(
        labels=torch.tensor([[DOG, SKY]]),
        cues=torch.zeros(1, 2, CUE_INPUTS),
        known=torch.full((1, 2, 4), -1),
        padding=torch.zeros(1, 2, dtype=torch.bool),
        target=target,
        hidden=torch.tensor([[True, False]]),
    )
    # A quarter of the cells have a chance of 1 / (1 + exp(-1)), the others of 1/2
    expected = 0.25 * np.log(1 + np.exp(-1)) + 0.75 * np.log(2)
    assert cell_loss(network, batch).item() == pytest.approx(expected, abs=1e-5)


def test_batch_hides_something_in_every_narrative(data: Path):
    training, _ = read(Dataset(data))
    batch = make_batch(training, TraceTraining.tiny(), TraceConfig.tiny(), np.random.default_rng(0))
    assert batch.hidden.any(1).all()
    assert not (batch.hidden & (batch.known[..., 0] >= 0)).any()
    assert batch.target[batch.hidden].flatten(1).any(1).all()
    assert (batch.known[batch.padding] == -1).all()


def test_interrupted_training_ends_the_same(data: Path, tmp_path: Path):
    config = TraceTraining.tiny()
    train_trace(config, Dataset(data), tmp_path / "whole")
    train_trace(config, Dataset(data), tmp_path / "parts", minutes=0.0)
    state = torch.load(tmp_path / "parts" / "state.pt", weights_only=True)
    assert 0 < state["done"] < config.steps
    train_trace(config, Dataset(data), tmp_path / "parts")
    first, second = (
        load_file(tmp_path / run / "model" / "model.safetensors") for run in ("whole", "parts")
    )
    assert first.keys() == second.keys()
    for name in first:
        assert np.allclose(first[name], second[name], atol=1e-6), name
    TracePredictor.load(tmp_path / "whole" / "model")


def test_training_learns_where_the_sky_is(data: Path, tmp_path: Path):
    config = replace(TraceTraining.tiny(), steps=60, rate=1e-2)
    train_trace(config, Dataset(data), tmp_path / "run")
    predictor = TracePredictor.load(tmp_path / "run" / "model")
    regions = (Region(SKY, 0, 1), Region(GRASS, 1, 2))
    sky, grass = predictor.predict(from_text("sky grass"), regions)
    assert sky == pytest.approx((0, 0, 1, 0.5), abs=0.11)
    assert grass == pytest.approx((0, 0.5, 1, 1), abs=0.11)


def test_no_photos(tmp_path: Path):
    with pytest.raises(InputError, match="no training photos"):
        train_trace(TraceTraining.tiny(), Dataset(tmp_path), tmp_path / "run")


@pytest.mark.real_data
def test_real_photos_have_masks_of_what_their_narratives_say(data_folder: Path):
    dataset = Dataset(data_folder)
    maker = PhotoMasks(dataset, size=64)
    photos = {p.name: p for p in dataset.photos(held_back=False) if p.source == "coco"}
    narratives = [n for n in dataset.narratives("train") if f"{n.image_id:012d}" in photos][:20]
    examples = [simulated_example(n, maker.of(photos[f"{n.image_id:012d}"])) for n in narratives]
    located = np.concatenate([example.located for example in examples])
    assert located.mean() > 0.8
