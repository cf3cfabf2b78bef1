from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from trecs.systems.ppgn.sampler import (
    Epsilons,
    Moment,
    Seen,
    chain,
    looked,
    step_size,
    updated,
)

FREE = (-99.0, 99.0)


def moment(prior: list[float], condition: list[float]) -> Moment:
    """At a code of zeros."""
    none = torch.zeros(1, len(prior))
    return Moment(none, none, torch.tensor([prior]), torch.tensor([condition]), none[:, 0])


def test_a_step_has_the_length_of_its_size_whatever_the_epsilons() -> None:
    """Equation 5: 1 (2, 0) + 2 (0, -1) + 0 is d = (2, -2), of mean 2."""
    here, noise = moment([2, 0], [0, -1]), torch.zeros(1, 2)
    for scale in (1, 100):
        epsilons = Epsilons(1 * scale, 2 * scale, 0)
        assert updated(here, noise, epsilons, 0.5, FREE).tolist() == [[0.5, -0.5]]


def test_noise_is_a_term_of_the_direction() -> None:
    """0.5 (4, 0) + 0.5 (0, 2) is d = (2, 1), of mean 1.5."""
    here, noise = moment([4, 0], [9, 9]), torch.tensor([[0.0, 2.0]])
    found = updated(here, noise, Epsilons(0.5, 0, 0.5), 3, FREE)
    assert found.tolist() == [[4, 2]]
    assert updated(here, noise, Epsilons(0.5, 0, 0.5), 3, (-1, 3)).tolist() == [[3, 2]]


def test_each_code_has_steps_of_its_own_length() -> None:
    here = moment([1, 1], [0, 0])
    both = here._replace(code=torch.zeros(2, 2), prior=torch.tensor([[1.0, 1], [10, 10]]))
    found = updated(both, torch.zeros(2, 2), Epsilons(1, 0, 0), 1, FREE)
    assert found.tolist() == [[1, 1], [1, 1]]


def test_where_nothing_leads_anywhere_a_code_stays() -> None:
    found = updated(moment([0, 0], [0, 0]), torch.zeros(1, 2), Epsilons(1, 1, 0), 1, FREE)
    assert found.tolist() == [[0, 0]]


def test_sizes_go_linearly_from_the_first_to_the_last() -> None:
    assert [step_size(i, 4, 1, 0.2) for i in range(5)] == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])


def look(code: Tensor) -> Seen:
    """The picture is twice the code, E halves what it sees, and log p is -|h - 1|^2 / 2."""
    return Seen(2 * code, code / 2, -(code - 1).square().sum(1) / 2)


def test_what_the_terms_say() -> None:
    found = looked(look, torch.tensor([[4.0, -2.0]]))
    assert found.picture.tolist() == [[8, -4]]
    assert found.prior.tolist() == [[-2, 1]]
    assert found.condition.tolist() == [[-3, 3]]
    assert found.log_probability.tolist() == [-9]
    assert not any(value.requires_grad for value in found)


def test_a_chain_comes_to_where_prior_and_condition_agree() -> None:
    """-h / 2 + (1 - h) is 0 at h = 2/3."""
    moments = list(
        chain(look, torch.tensor([[3.0, -3.0]]), noise=lambda: torch.zeros(1, 2),
              epsilons=Epsilons(1, 1, 0), steps=(0.5, 0.001), updates=40, bounds=FREE)
    )  # fmt: skip
    assert len(moments) == 41
    torch.testing.assert_close(moments[-1].code, torch.full((1, 2), 2 / 3), atol=0.05, rtol=0)


def test_noise_is_drawn_anew_for_each_update() -> None:
    drawn = iter(torch.eye(3)[:, None])

    def codes(noise: Iterator[Tensor]) -> list[list[float]]:
        moments = chain(look, torch.zeros(1, 3), noise=lambda: next(noise), steps=(1, 1),
                        epsilons=Epsilons(0, 0, 1), updates=3, bounds=FREE)  # fmt: skip
        return [one.code[0].tolist() for one in moments]

    assert codes(drawn) == [[0, 0, 0], [3, 0, 0], [3, 3, 0], [3, 3, 3]]
