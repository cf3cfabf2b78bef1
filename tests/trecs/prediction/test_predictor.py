from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from trecs.alignment.regions import Region
from trecs.data.hand import loop, rounded_box
from trecs.narrative import Narrative, Word, from_text
from trecs.prediction.network import (
    CUE_INPUTS,
    CUES,
    TraceConfig,
    TraceNetwork,
    cue_inputs,
    edge_positions,
    placement_positions,
)
from trecs.prediction.predictor import TracePredictor

DOG, GRASS, SKY = 17, 123, 156


@pytest.fixture
def predictor() -> TracePredictor:
    torch.manual_seed(0)
    return TracePredictor(TraceNetwork(TraceConfig.tiny()))


def traced(label: int, start: int, stop: int) -> Region:
    outline = rounded_box((0.1, 0.2, 0.5, 0.6), squareness=2)
    return Region(label, start, stop, (loop(outline, 0.0, 1.0, np.random.default_rng(0)),))


def test_edge_positions_cut_round_and_keep_an_area():
    assert edge_positions((0.0, 0.26, 1.0, 0.51), 21).tolist() == [0, 20, 5, 10]
    assert edge_positions((-0.1, 0.5, 1.2, 0.5), 21).tolist() == [0, 20, 10, 11]
    assert edge_positions((1.0, 0.98, 1.0, 1.0), 21).tolist() == [19, 20, 19, 20]


def test_placement_positions():
    assert placement_positions((0.2, 0.4, 0.6, 1.0), 21).tolist() == [8, 14, 8, 12]


def test_cue_inputs_in_before_and_number():
    words = "on the left two dogs behind grass".split()
    cues = cue_inputs(words, 3, 6)
    own = {CUES[i] for i in np.flatnonzero(cues[: len(CUES)])}
    before = {CUES[i] for i in np.flatnonzero(cues[len(CUES) : -3])}
    assert (own, before) == ({"two", "behind"}, {"on", "left"})
    assert cues[-3:].tolist() == [0, 1, 0]
    assert cues.shape == (CUE_INPUTS,)


def test_an_untrained_network_gives_the_labels_own_maps(predictor: TracePredictor):
    network = predictor.network
    network.prior[SKY, :10] = 2.0
    labels, edges = torch.tensor([[SKY, DOG]]), torch.full((1, 2, 4), -1)
    padding = torch.zeros(1, 2, dtype=torch.bool)
    logits = network(labels, torch.zeros(1, 2, CUE_INPUTS), edges, padding)
    assert logits.shape == (1, 2, 20, 20)
    assert torch.equal(logits[0, 0], network.prior[SKY])
    assert torch.equal(logits[0, 1], torch.zeros(20, 20))


def test_corrections_are_cosines(predictor: TracePredictor):
    network = predictor.network
    with torch.no_grad():
        network.correction.bias[network.config.waves] = 1.0  # one wave down, none across
    labels, edges = torch.tensor([[DOG]]), torch.full((1, 1, 4), -1)
    padding = torch.zeros(1, 1, dtype=torch.bool)
    logits = network(labels, torch.zeros(1, 1, CUE_INPUTS), edges, padding)[0, 0]
    assert logits[0].tolist() == pytest.approx([np.cos(np.pi / 40)] * 20, abs=1e-6)
    assert logits[:, 3].detach().numpy() == pytest.approx(
        np.cos(np.pi * (np.arange(20) + 0.5) / 20), abs=1e-6
    )


def test_padding_changes_nothing(predictor: TracePredictor):
    labels = torch.tensor([[DOG, GRASS, SKY]])
    cues, edges = torch.zeros(1, 3, CUE_INPUTS), torch.full((1, 3, 4), -1)
    padding = torch.tensor([[False, False, True]])
    torch.nn.init.normal_(predictor.network.correction.weight)
    padded = predictor.network(labels, cues, edges, padding)[0, :2]
    alone = predictor.network(labels[:, :2], cues[:, :2], edges[:, :2], padding[:, :2])[0]
    assert torch.allclose(padded, alone, atol=1e-5)


def test_completes_what_is_missing_in_the_time_of_its_words(predictor: TracePredictor):
    narrative = from_text("a dog on grass")
    regions = (traced(DOG, 0, 2), Region(GRASS, 2, 4))
    dog, grass = predictor.complete(narrative, regions, seed=0)
    assert dog is regions[0]
    assert grass.predicted
    (stroke,) = grass.strokes
    assert (stroke[0, 2], stroke[-1, 2]) == pytest.approx((0.8, 1.6))
    assert stroke[:, :2].min() >= 0
    assert stroke[:, :2].max() <= 1
    assert (grass.label, grass.start, grass.stop) == (GRASS, 2, 4)


def test_the_loop_fills_the_predicted_box(predictor: TracePredictor):
    narrative = from_text("a dog on grass")
    regions = (Region(DOG, 0, 2), Region(GRASS, 2, 4))
    boxes = predictor.predict(narrative, regions)
    for box, region in zip(boxes, predictor.complete(narrative, regions, 5), strict=True):
        low, high = region.hull.min(0), region.hull.max(0)
        sides = np.array([box[2] - box[0], box[3] - box[1]])
        assert (low >= np.array(box[:2]) - 1e-6).all()
        assert (high <= np.array(box[2:]) + 1e-6).all()
        assert (high - low >= 0.85 * sides).all()


def test_the_seed_moves_the_hand_and_not_the_boxes(predictor: TracePredictor):
    narrative, regions = from_text("a dog on grass"), (Region(DOG, 0, 2), Region(GRASS, 2, 4))

    def strokes(seed: int) -> list[list[list[float]]]:
        return [r.strokes[0].tolist() for r in predictor.complete(narrative, regions, seed)]

    assert strokes(1) == strokes(1)
    assert strokes(1) != strokes(2)


def test_a_side_that_the_words_name(predictor: TracePredictor):
    narrative = from_text("a dog on the left some grass right")
    regions = (Region(DOG, 0, 5), Region(GRASS, 5, 8))
    dog, grass = predictor.predict(narrative, regions)
    assert dog[2] <= 0.5
    assert grass[0] >= 0.5


def test_words_without_duration_and_many_regions(predictor: TracePredictor):
    words = tuple(Word("dog", 1.0, 1.0) for _ in range(60))
    regions = tuple(Region(i, i, i + 1) for i in range(60))
    completed = predictor.complete(Narrative(words), regions, 0)
    assert len(completed) == 60
    assert completed[7].strokes[0][-1, 2] == pytest.approx(1.4)


def test_nothing_to_complete(predictor: TracePredictor):
    assert predictor.complete(from_text("dog"), (), 0) == ()
    regions = (traced(DOG, 0, 1),)
    assert predictor.complete(from_text("dog"), regions, 0)[0] is regions[0]


def test_guess_label_by_place_size_and_company(predictor: TracePredictor):
    network = predictor.network
    with torch.no_grad():
        for label, box in ((SKY, (0, 0, 1, 0.4)), (GRASS, (0, 0.6, 1, 1)), (DOG, (0, 0.6, 1, 1))):
            places = torch.from_numpy(placement_positions(box, network.config.positions))
            network.placement[label, torch.arange(4), places] = 100
        network.together[SKY, GRASS] = network.together[GRASS, SKY] = 100
    top = np.array([[0.05, 0.0], [1.0, 0.0], [1.0, 0.4], [0.05, 0.4]])
    assert predictor.guess_label(top, []) == SKY
    assert predictor.guess_label(top + np.array([0, 0.6]), [SKY]) == GRASS


def test_save_and_load(predictor: TracePredictor, tmp_path: Path):
    predictor.save(tmp_path)
    loaded = TracePredictor.load(tmp_path)
    narrative, regions = from_text("a dog"), (Region(DOG, 0, 2),)
    assert loaded.predict(narrative, regions) == predictor.predict(narrative, regions)
    with pytest.raises(InputError, match=r"config\.json is missing"):
        TracePredictor.load(tmp_path / "nothing")
    (tmp_path / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="damaged"):
        TracePredictor.load(tmp_path)


def test_bundled_model_knows_where_things_lie(checkpoints: Path):
    predictor = TracePredictor.load(checkpoints / "trace")
    narrative = from_text("sky above a dog on the left on grass")
    regions = (Region(SKY, 0, 2), Region(DOG, 2, 7), Region(GRASS, 7, 9))
    sky, dog, grass = predictor.predict(narrative, regions)
    assert sky[1] < 0.1
    assert sky[3] < 0.8
    assert grass[3] > 0.9
    assert dog[0] + dog[2] < 1
    assert grass[2] - grass[0] > dog[2] - dog[0]
    top = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.3], [0.0, 0.3]])
    assert predictor.guess_label(top, [GRASS]) == SKY
