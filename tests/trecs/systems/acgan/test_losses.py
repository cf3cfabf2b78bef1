"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.systems.acgan.losses import class_loss, generator_loss, judge_loss

UNSURE = torch.zeros(2), torch.zeros(2, 4)


def test_who_knows_nothing_loses_the_logarithms_of_the_choices() -> None:
    classes = torch.tensor([0, 3])
    loss = judge_loss(UNSURE, UNSURE, classes, classes)
    assert loss.item() == pytest.approx(2 * log(2) + 2 * log(4))
    assert generator_loss(UNSURE, classes).item() == pytest.approx(log(2) + log(4))
    weighed = generator_loss(UNSURE, classes, weight=0.5)
    assert weighed.item() == pytest.approx(log(2) + log(4) / 2)


def test_each_part_has_its_own_classes() -> None:
    named = torch.tensor([[3.0, 0, 0, 0]]).log_softmax(1)
    real, fake = (torch.zeros(1), named), (torch.zeros(1), torch.zeros(1, 4))
    right, wrong = (judge_loss(real, fake, torch.tensor([n]), torch.tensor([2])) for n in (0, 1))
    assert (wrong - right).item() == pytest.approx(3)
    assert class_loss(named, torch.tensor([0])).item() == pytest.approx(-named[0, 0].item())
