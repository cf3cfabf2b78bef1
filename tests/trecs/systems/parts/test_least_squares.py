"""Values worked out by hand."""

import pytest
import torch

from trecs.systems.parts.least_squares import Scores, believed, judges_loss, local_loss, pair_loss

REAL = Scores(torch.tensor([1.0, 0.0]), torch.tensor([[[3.0]], [[1.0]]]))
WRONG = Scores(torch.tensor([1.0, 1.0]), torch.tensor([[[1.0]], [[1.5]]]))
FAKE = Scores(torch.tensor([0.0, 2.0]), torch.tensor([[[1.0]], [[-1.0]]]))


def test_only_real_pairs_are_believed() -> None:
    """(0 + 1) / 2, and half of 1 and of (0 + 4) / 2."""
    assert pair_loss(REAL, WRONG, FAKE).item() == pytest.approx(0.5 + (1 + 2) / 2)


def test_patches_of_wrong_pictures_are_real() -> None:
    """Drawn ones lose 1 each; the others half of (4 + 0) / 2 and of (0 + 0.25) / 2."""
    loss = local_loss(REAL, WRONG, FAKE)
    assert loss.item() == pytest.approx(1 + (2 + 0.125) / 2)
    assert judges_loss(REAL, WRONG, FAKE) == pair_loss(REAL, WRONG, FAKE) + loss


def test_a_generator_loses_before_every_judge_until_its_scores_are_one() -> None:
    """Pairs (1 + 1) / 2, patches (0 + 4) / 2; nothing where all are 1."""
    convinced = Scores(torch.ones(2), torch.ones(2, 5, 5))
    assert believed([FAKE, convinced]).item() == pytest.approx(1 + 2)


def test_whoever_is_too_sure_loses_too() -> None:
    """Where a sigmoid's loss would vanish, the least squares' grows."""
    sure = torch.full((2,), 3.0, requires_grad=True)
    loss = believed([Scores(sure, torch.ones(2, 1, 1))])
    assert loss.item() == pytest.approx(4)
    loss.backward()
    assert sure.grad is not None
    assert sure.grad.tolist() == [2, 2]
