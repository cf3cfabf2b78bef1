import math

import pytest
import torch

from trecs.synthesis.losses import (
    balance,
    colour_loss,
    feature_loss,
    generated_loss,
    segmentation_loss,
    style_loss,
)


def test_balance_weighs_rare_labels_more_and_unlabeled_not_at_all():
    labels = torch.tensor([[[1, 1, 1, 1], [2, 182, 182, 182]]])
    weights = balance(labels)
    assert weights[0, 1, 1:].tolist() == [0, 0, 0]
    assert weights[0, 1, 0] / weights[0, 0, 0] == pytest.approx(2.0)
    assert weights.sum().item() == pytest.approx(5.0)


def test_balance_of_nothing_is_zero():
    assert balance(torch.full((1, 2, 2), 182)).sum() == 0


def test_even_logits_cost_the_logarithm_of_the_classes():
    logits = torch.zeros(1, 184, 2, 2)
    labels = torch.tensor([[[1, 2], [3, 4]]])
    assert segmentation_loss(logits, labels).item() == pytest.approx(math.log(184), abs=1e-5)
    assert generated_loss(logits).item() == pytest.approx(math.log(184), abs=1e-5)


def test_a_picture_weighs_what_its_labels_are_right():
    logits = torch.zeros(2, 184, 2, 2)
    logits[1, 0] = 50  # all wrong
    labels = torch.ones(2, 2, 2, dtype=torch.long)
    one, other = (
        segmentation_loss(logits, labels, torch.tensor(given)).item()
        for given in ((1.0, 0.0), (0.0, 1.0))
    )
    assert one == pytest.approx(math.log(184) / 2, abs=1e-5)
    assert other == pytest.approx(50 / 2, abs=1e-3)


def test_generated_is_the_last_class():
    logits = torch.zeros(1, 184, 2, 2)
    logits[:, 183] = 50
    assert generated_loss(logits).item() == pytest.approx(0, abs=1e-6)


def test_feature_loss_is_the_mean_over_layers():
    ones, zeros = torch.ones(1, 2, 3, 3), torch.zeros(1, 2, 3, 3)
    assert feature_loss([ones, 3 * ones], [zeros, zeros]).item() == pytest.approx(2.0)


def test_style_loss_ignores_where_the_texture_lies_in_a_window():
    torch.manual_seed(0)
    features = torch.randn(1, 4, 8, 8)
    moved = features.clone()
    moved[:, :, :4, :4] = features[:, :, :4, :4].flip(2).roll(1, 3)
    assert style_loss([moved], [features]).item() == pytest.approx(0, abs=1e-6)
    assert feature_loss([moved], [features]).item() > 0.1


def test_style_loss_of_constant_features():
    ones = torch.ones(1, 2, 4, 4)
    assert style_loss([2 * ones, ones], [ones, ones]).item() == pytest.approx(1.5)


def test_colour_loss_ignores_texture():
    checks = torch.ones(1, 3, 32, 32)
    checks[:, :, ::2, ::2] = checks[:, :, 1::2, 1::2] = -1
    assert colour_loss(checks, torch.zeros(1, 3, 32, 32)).item() == pytest.approx(0.0)
    assert colour_loss(checks + 0.5, checks).item() == pytest.approx(0.5)
