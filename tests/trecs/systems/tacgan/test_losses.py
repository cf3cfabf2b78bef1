"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.systems.tacgan.losses import generator_loss, judge_loss

UNSURE = torch.zeros(2), torch.zeros(2, 5)


def test_who_knows_nothing_loses_a_bit_a_question() -> None:
    classes = torch.tensor([0, 4])
    loss = judge_loss(UNSURE, UNSURE, UNSURE, classes, classes)
    assert loss.item() == pytest.approx(6 * log(2))
    assert generator_loss(UNSURE, classes).item() == pytest.approx(2 * log(2))


def test_wrong_pictures_have_their_own_class() -> None:
    logits = torch.tensor([[2.0, -2.0]])
    wrong = torch.zeros(1), logits
    unsure = torch.zeros(1), torch.zeros(1, 2)
    own, other = (
        judge_loss(unsure, wrong, unsure, torch.tensor([1]), torch.tensor([n])) for n in (0, 1)
    )
    assert (other - own).item() == pytest.approx(2)
