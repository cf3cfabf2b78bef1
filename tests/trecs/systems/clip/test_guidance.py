from itertools import pairwise

import pytest
import torch
from torch import Tensor

from trecs.systems.clip.guidance import cut_outs, guided


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_whole_views_are_the_picture_or_its_mirror_image() -> None:
    picture = torch.rand(1, 3, 8, 8, generator=generator())
    views = cut_outs(picture, 12, 8, 1.0, generator())
    alike = [
        [torch.allclose(view, one[0], atol=1e-5) for one in (picture, picture.flip(3))]
        for view in views
    ]
    assert all(map(any, alike))
    assert {tuple(one) for one in alike} == {(True, False), (False, True)}


def test_views_are_windows_of_at_least_their_share() -> None:
    """Of a ramp of columns a window of half the side spans half the values, anywhere within."""
    ramp = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    views = cut_outs(ramp, 40, 32, 0.5, generator())
    spans = views.amax((1, 2, 3)) - views.amin((1, 2, 3))
    assert views.shape == (40, 3, 32, 32)
    assert spans.min() > 0.45
    assert spans.min() < 0.6 < 0.9 < spans.max()
    assert len({round(float(view.mean()), 3) for view in views}) > 30


TARGET = torch.linspace(-0.5, 0.5, 16).view(1, 1, 4, 4).expand(1, 3, 4, 4)


def linear(noisy: Tensor, time: float) -> Tensor:
    """What comes of something noisy is grey at first, and that itself at the end."""
    return noisy * time


def nearness(picture: Tensor) -> Tensor:
    return -(picture - TARGET).square().mean()


def test_without_strength_the_flow_alone_draws() -> None:
    """Two steps from 2: to the estimate 2 * 0 by a half, so to 1, and then to 1 * 0.5."""
    noise = torch.full((1, 3, 4, 4), 2.0)
    moments = list(guided(linear, noise, nearness, 2, 0.0))
    assert [float(moment.picture.mean()) for moment in moments] == pytest.approx([0, 0.5])
    assert moments[1].cosine == pytest.approx(float(nearness(torch.tensor(0.5))))


def test_it_is_led_up_the_cosine() -> None:
    noise = torch.randn(1, 3, 4, 4, generator=generator())
    free, led = (list(guided(linear, noise, nearness, 20, force)) for force in (0.0, 0.3))
    assert led[-1].cosine > free[-1].cosine + 0.05
    assert all(moment.picture.abs().max() <= 1 for moment in led)
    assert not any(moment.picture.requires_grad for moment in led)


def test_a_step_has_a_length_of_its_own_whatever_the_gradients() -> None:
    noise = torch.randn(1, 3, 4, 4, generator=generator())

    def fainter(picture: Tensor) -> Tensor:
        return nearness(picture) / 1000

    one, other = (list(guided(linear, noise, fits, 8, 0.3)) for fits in (nearness, fainter))
    for first, second in zip(one, other, strict=True):
        torch.testing.assert_close(first.picture, second.picture, atol=1e-4, rtol=0)


def test_the_flow_has_the_last_word() -> None:
    """The last moment is not moved; nor is the first, since noise does not change it."""
    seen: list[Tensor] = []

    def watched(noisy: Tensor, time: float) -> Tensor:
        seen.append(linear(noisy, time).detach())
        return linear(noisy, time)

    noise = torch.randn(1, 3, 4, 4, generator=generator())
    moments = list(guided(watched, noise, nearness, 5, 0.5))
    moved = [
        not torch.equal(moment.picture, end.clamp(-1, 1))
        for moment, end in zip(moments, seen, strict=True)
    ]
    assert moved == [False, True, True, True, False]
    assert all(not torch.equal(a.picture, b.picture) for a, b in pairwise(moments))
