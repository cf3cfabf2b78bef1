import math

import pytest
import torch

from trecs.synthesis.painter.flow import (
    end_loss,
    integrate,
    mixed,
    moments_of,
    scaled_input,
    velocity_of,
    weighted_mean,
)

EVERYWHERE = torch.ones(2, 1, 4, 4)


def test_a_path_begins_with_noise_and_ends_with_the_sample() -> None:
    true, noise = torch.full((2, 3, 4, 4), 5.0), torch.full((2, 3, 4, 4), -1.0)
    assert mixed(true, noise, torch.tensor([0.0, 0.5]))[:, 0, 0, 0].tolist() == [-1, 2]


def test_the_loss_of_an_end_is_that_of_its_velocity() -> None:
    true, end = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.2)
    # 0.2 / 0.5 squared, and in the last tenth 0.2 / 0.1 squared.
    loss = end_loss(end, true, torch.tensor([0.5, 0.95]), EVERYWHERE)
    assert loss.item() == pytest.approx((0.16 + 4.0) / 2)


def test_what_weighs_nothing_does_not_count() -> None:
    errors = torch.ones(2, 3, 4, 4)
    errors[1] = 7
    weights = EVERYWHERE.clone()
    weights[1] = 0
    assert weighted_mean(errors, weights).item() == pytest.approx(1)
    weights[1] = 0.5
    assert weighted_mean(errors, weights).item() == pytest.approx((1 + 0.5 * 7) / 1.5)
    assert weighted_mean(errors, weights * 0).item() == 0


def test_a_silent_network_gives_the_best_linear_estimate() -> None:
    """Of normal data, by regression on samples; what is left has the variance that is said."""
    generator = torch.Generator().manual_seed(0)
    true, noise = torch.randn(2, 1, 1, 300, 300, generator=generator)
    for time in (0.0, 0.3, 0.8):
        times = torch.tensor([time])
        noisy, velocity = mixed(true, noise, times), true - noise
        estimate = velocity_of(torch.zeros_like(noisy), noisy, times)
        best = (noisy * velocity).mean() / noisy.square().mean() * noisy
        torch.testing.assert_close(estimate, best, atol=0.1, rtol=0)
        left = (velocity - estimate).square().mean().item()
        assert left == pytest.approx(1 / (time**2 + (1 - time) ** 2), rel=0.03)
        assert scaled_input(noisy, times).square().mean().item() == pytest.approx(1, rel=0.03)


def test_the_mean_loss_of_that_estimate_is_half_of_pi() -> None:
    times = (torch.arange(1000) + 0.5) / 1000
    assert (1 / (times**2 + (1 - times) ** 2)).mean().item() == pytest.approx(math.pi / 2, rel=1e-3)


@pytest.mark.parametrize("power", [1.0, 1.4])
def test_a_straight_path_is_followed_to_its_end_from_anywhere(power: float) -> None:
    true, noise = torch.randn(2, 1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    moments = moments_of(5, power)
    for done in (0, 3):
        begun = mixed(true, noise, torch.tensor([moments[done]]))
        end = integrate(begun, lambda state, time: true, moments[done:])
        torch.testing.assert_close(end, true)


def test_an_end_that_moves_evenly_is_followed_exactly_behind_the_first_step() -> None:
    """x' = (c + k t - x) / (1 - t) has the solution (1 - t) (x0 - c + k ln(1 - t)) + c + k t."""
    c, k, start = 0.5, -2.0, torch.ones(1, 1, 1, 1)
    moments = (0.0, 1e-4, 0.3, 0.8)
    came = integrate(start, lambda state, time: torch.full_like(state, c + k * time), moments)
    last = moments[-1]
    exact = (1 - last) * (1 - c + k * math.log(1 - last)) + c + k * last
    assert came.item() == pytest.approx(exact, abs=1e-5)


def test_without_extrapolation_the_last_end_is_the_answer() -> None:
    ends = iter([4.0, 6.0])

    def end(state: torch.Tensor, time: float) -> torch.Tensor:
        asked.append((state.item(), time))
        return torch.full_like(state, next(ends))

    asked: list[tuple[float, float]] = []
    noise = torch.full((1, 1, 1, 1), -1.0)
    assert integrate(noise, end, (0.0, 0.4, 1.0), extrapolated=False).item() == 6
    assert asked == [(-1, 0), (pytest.approx(0.4 * 4 - 0.6), 0.4)]


def test_few_steps_come_nearer_than_eulers() -> None:
    """The flow to normal data of a half's spread, like thumbnails': its end is known everywhere."""

    def end(state: torch.Tensor, time: float) -> torch.Tensor:
        return state * (time / (time**2 + 4 * (1 - time) ** 2))

    noise = torch.linspace(-2, 2, 41).view(1, 1, 1, -1)
    euler = noise
    for step in range(8):
        euler = euler + (end(euler, step / 8) - euler) / (8 - step)
    ours = integrate(noise, end, moments_of(4, 1.4))
    exact = noise / 2  # each as far from the middle as it was, in spreads
    assert (ours - exact).abs().mean() < 0.7 * (euler - exact).abs().mean()
