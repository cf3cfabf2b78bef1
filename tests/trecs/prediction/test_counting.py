import numpy as np
import pytest

from trecs.prediction.counting import count_labels, prior_logits
from trecs.prediction.examples import FINE, Example, Scene, TraceData, mention_order
from trecs.prediction.network import CUE_INPUTS, TraceConfig, TraceNetwork

DOG, GRASS, SKY = 17, 123, 156


def test_counts():
    network = TraceNetwork(TraceConfig.tiny())
    upper, nowhere = np.zeros((FINE, FINE), np.uint8), np.zeros((FINE, FINE), np.uint8)
    upper[:20] = 255
    cues = np.zeros((3, CUE_INPUTS), np.float32)
    real = Example(np.array([SKY, DOG, SKY]), cues, np.array([upper, upper, nowhere]))
    order = mention_order([])
    count_labels(network, TraceData([], [real, real], order), np.random.default_rng(0))
    assert network.placement[SKY].sum().item() == 4 * 2
    assert network.placement[SKY, 1, 5].item() == 2
    assert network.together[SKY, DOG].item() == network.together[DOG, SKY].item() == 2
    assert network.together[SKY, SKY].item() == 0
    assert (network.prior[SKY, :10] > 0).all()
    assert (network.prior[SKY, 10:] < 0).all()
    everywhere = Scene({SKY: np.full((1, FINE, FINE), 255, np.uint8)}, 0.5)
    count_labels(network, TraceData([everywhere], [], order), np.random.default_rng(0))
    assert 0 < network.placement[SKY, 0, 10].item() <= 0.5


def test_prior_of_seldom_labels_is_their_familys():
    maps, seen = np.zeros((182, 2, 2)), np.zeros(182)
    families = np.zeros(182, np.int64)
    families[[DOG, SKY]] = 1
    maps[DOG], seen[DOG] = [[6.0, 2.0], [0.0, 0.0]], 8.0
    logits = prior_logits(maps, seen, families)
    # Mirrored 4 of 8 above; the family (4 + 3 / 2) / (8 + 3) = 0.5; the label (4 + 3 / 2) / 11
    assert logits[DOG, 0].sigmoid().tolist() == pytest.approx([0.5, 0.5])
    assert logits[DOG, 1].sigmoid().tolist() == pytest.approx([0.002, 0.002])
    assert logits[SKY, 0].sigmoid().tolist() == pytest.approx([0.5, 0.5])
    assert logits[GRASS, 0].sigmoid().tolist() == pytest.approx([0.5, 0.5])
