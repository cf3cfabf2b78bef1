"""Values worked out by hand; no arrays of the authors are to be had.

L1 and L2 are tested in `parts/test_least_squares.py`, the loss of classes in
`parts/test_classes.py`.
"""

from math import log

import pytest
import torch

from trecs.systems.parts.classes import class_loss
from trecs.systems.ppan.losses import Named, naming_loss, perceptual_loss

UNSURE = torch.zeros(2, 5)


def test_who_knows_no_class_loses_a_bit_a_question() -> None:
    classes = torch.tensor([0, 4])
    loss = naming_loss(Named(UNSURE, UNSURE, UNSURE), classes, classes)
    assert loss.item() == pytest.approx(3 * log(2))


def test_what_is_drawn_is_of_the_real_one_s_class_and_a_wrong_one_of_its_own() -> None:
    """Logits of 2 for the right class and -2 for the other lose 2 less than the reverse."""
    first = torch.tensor([[2.0, -2.0]])
    one, other = torch.tensor([0]), torch.tensor([1])
    unsure = torch.zeros(1, 2)
    whole = class_loss(first, one).item() + 2 * log(2)
    for named, classes, wrong in (
        (Named(first, unsure, unsure), one, other),
        (Named(unsure, unsure, first), one, other),
        (Named(unsure, first, unsure), other, one),
    ):
        assert naming_loss(named, classes, wrong).item() == pytest.approx(whole)
        assert naming_loss(named, wrong, classes).item() == pytest.approx(whole + 2)


def test_perceptual_distance_is_a_mean_over_numbers_and_pictures() -> None:
    """Of 2 x 1 x 2 numbers two are 1 off and one 3; the other picture's are all 1 off."""
    photos = torch.zeros(2, 2, 1, 2)
    drawn = torch.tensor([[[[1.0, -1.0]], [[3.0, 0.0]]], [[[1.0, 1.0]], [[1.0, 1.0]]]])
    assert perceptual_loss(drawn, photos).item() == pytest.approx(((1 + 1 + 9) / 4 + 1) / 2)
