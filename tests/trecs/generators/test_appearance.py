import torch

from trecs.generators.appearance import NUMBERS, Appearance, measure

REGION = torch.tensor([[0, 0, 1, 1]] * 4)[None]
DOWN = torch.tensor([-0.75, -0.25, 0.25, 0.75])[:, None].expand(4, 4)[None]


def test_colours_are_brightness_and_two_differences():
    photo = torch.zeros(1, 3, 4, 4)
    photo[:, 0, :, :2], photo[:, 2, :, :2] = 0.6, -0.3
    looks = measure(photo, REGION, 2, DOWN)
    assert looks.shape == (2, NUMBERS)
    torch.testing.assert_close(looks[0, :3], torch.tensor([0.1, 0.9, -0.15]))
    assert looks[1, :3].tolist() == [0, 0, 0]


def test_the_slope_is_that_of_a_line():
    photo = (0.5 * DOWN).expand(3, 4, 4)[None].clone()
    looks = measure(photo, REGION, 2, DOWN)
    torch.testing.assert_close(looks[:, 3], torch.full((2,), 0.5))
    torch.testing.assert_close(looks[:, 4:6], torch.zeros(2, 2))
    deviation = (0.25 * DOWN.square().mean()).sqrt()
    torch.testing.assert_close(looks[:, 6], deviation.expand(2))


def test_grain_is_the_difference_from_a_blur():
    smooth = measure(torch.full((1, 3, 4, 4), 0.3), REGION, 2, DOWN)
    noisy = measure(torch.rand(1, 1, 4, 4).expand(1, 3, 4, 4), REGION, 2, DOWN)
    assert smooth[:, 7].abs().max() < 1e-6
    assert noisy[:, 7].min() > 0.05


def test_labels_learn_their_mean_and_spread():
    labels = torch.tensor([7] * 1000 + [9] * 1000)
    looks = torch.randn(2000, NUMBERS, generator=torch.Generator().manual_seed(0)) * 0.5
    looks[labels == 9] += 2
    appearance = Appearance()
    appearance.learn(labels, looks, torch.full((2000,), 300))
    means = appearance.mean[[7, 9], 0]
    torch.testing.assert_close(means, torch.tensor([0.0, 2.0]), atol=0.06, rtol=0)
    spread = appearance.spread[7]
    torch.testing.assert_close(spread, torch.full((NUMBERS,), 0.5), atol=0.05, rtol=0)
    # A label that was never seen looks like the mean of all and varies like the others.
    torch.testing.assert_close(appearance.mean[100], looks.mean(0), atol=1e-5, rtol=0)
    torch.testing.assert_close(appearance.spread[100], spread, atol=0.05, rtol=0)
    again = appearance.measured(labels, looks)
    torch.testing.assert_close(again + appearance.mean[labels], looks)


def test_large_regions_weigh_more():
    looks = torch.tensor([0.0, 1.0]).repeat(500)[:, None].expand(1000, NUMBERS)
    appearance = Appearance()
    appearance.learn(torch.full((1000,), 7), looks, torch.tensor([100, 300]).repeat(500))
    torch.testing.assert_close(appearance.mean[7, 0], torch.tensor(0.75), atol=1e-3, rtol=0)
