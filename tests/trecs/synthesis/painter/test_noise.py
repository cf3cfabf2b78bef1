import torch

from trecs.synthesis.painter.noise import noise_of, region_noise
from trecs.synthesis.painter.told import POINTS, SIDE


def test_a_region_has_the_noise_of_its_own_seed() -> None:
    regions = torch.zeros(POINTS, POINTS)
    regions[:, POINTS // 2 :] = 4
    both, half = region_noise(regions, 1, {4: 2}, 3), SIDE // 2
    torch.testing.assert_close(both[..., :half], noise_of(1, 1, 3)[..., :half])
    torch.testing.assert_close(both[..., half:], noise_of(2, 1, 3)[..., half:])
    assert both.shape == (1, 3, SIDE, SIDE)


def test_without_other_seeds_it_is_the_pictures() -> None:
    torch.testing.assert_close(
        region_noise(torch.zeros(POINTS, POINTS), 7, {}, 32), noise_of(7, 1, 32)
    )
