import math

import pytest
import torch

from tests.trecs.systems.references import assert_near, reference
from trecs.systems.cigan.losses import (
    alignment_loss,
    cycle_loss,
    gradient_penalty,
    inversion_terms,
    squared_distances,
)


@pytest.mark.real_data
def test_the_alignment_meets_the_reference() -> None:
    """With squared distances, which the training takes, and with plain ones."""
    stored = reference("equations.npz")
    distances = squared_distances(stored["cigan/latent_codes"], stored["cigan/text_codes"])
    assert_near(distances, stored["cigan/squared_distance"])
    assert_near(alignment_loss(distances), stored["cigan/loss_squared_distance"])
    assert_near(alignment_loss(distances.sqrt()), stored["cigan/loss_distance"])


def test_every_text_of_the_batch_is_one_that_might_fit() -> None:
    """Code 0 is 0 from its text and 1 from the other, code 1 is 4 from its own and 9 from that."""
    codes, texts = torch.tensor([[0.0], [3.0]]), torch.tensor([[0.0], [1.0]])
    distances = squared_distances(codes, texts)
    assert distances.tolist() == [[0, 1], [9, 4]]
    expected = (math.log(1 + math.exp(-1)) + math.log(1 + math.exp(-5))) / 2
    assert alignment_loss(distances).item() == pytest.approx(expected)


def test_what_an_inversion_loses() -> None:
    photos, drawn = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.5)
    seen = torch.zeros(2, 5, 1, 1)
    pixel, feature = inversion_terms(photos, drawn, seen, seen + 3)
    assert (pixel.item(), feature.item()) == (0.25, 9)
    assert cycle_loss(torch.zeros(2, 4), torch.full((2, 4), 2.0)).item() == 4


def test_the_penalty_is_half_the_squared_gradient() -> None:
    """Of 3 x + y^2 at (., 2) and (., 0): 3^2 + 4^2 and 3^2 + 0."""
    seen = torch.tensor([[1.0, 2.0], [5.0, 0.0]], requires_grad=True)
    logits = 3 * seen[:, 0] + seen[:, 1].square()
    penalty = gradient_penalty(logits, seen)
    assert penalty.item() == (25 + 9) / 4
    penalty.backward()
    assert seen.grad is not None
    assert seen.grad.tolist() == [[0, 4], [0, 0]]  # of (3^2 + 4 y^2) / 4
