import math

import pytest
import torch

from trecs.systems.parts.matching_aware import (
    another,
    believed_loss,
    doubted_loss,
    interpolated,
    matching_aware_loss,
)


def test_the_loss_is_that_of_algorithm_1() -> None:
    """Of probabilities 3/4, 1/4 and 1/2: -log 3/4 - (log 3/4 + log 1/2) / 2."""
    real, wrong, fake = (torch.full((4,), math.log(odds)) for odds in (3.0, 1 / 3, 1.0))
    expected = -math.log(0.75) - (math.log(0.75) + math.log(0.5)) / 2
    assert matching_aware_loss(real, wrong, fake).item() == pytest.approx(expected)
    alone = matching_aware_loss(real, wrong, fake, weight=0).item()
    assert alone == pytest.approx(-math.log(0.75))


def test_generator_and_judge_lose_the_opposite() -> None:
    logits = torch.tensor([math.log(3.0)])
    assert believed_loss(logits).item() == pytest.approx(-math.log(0.75))
    assert doubted_loss(logits).item() == pytest.approx(-math.log(0.25))
    assert believed_loss(-logits).item() == doubted_loss(logits).item()


def test_a_wrong_text_is_another_photos() -> None:
    rows = torch.arange(4)[:, None]
    assert (another(rows) != rows).all()
    assert sorted(another(rows).flatten().tolist()) == [0, 1, 2, 3]


def test_texts_between_two_lie_in_the_middle() -> None:
    texts = torch.tensor([[0.0], [2.0], [4.0], [8.0], [99.0]])
    assert interpolated(texts).flatten().tolist() == [2.0, 5.0]
    assert interpolated(texts, 0.25).flatten().tolist() == [3.0, 6.5]
