from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.trecs.systems.cigan.tiny import CONFIG, tiny_networks
from trecs.systems.cigan.config import CiGanConfig
from trecs.systems.cigan.generator import Mapping
from trecs.systems.cigan.judges import CodeJudge, PictureJudge, spread
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss


def test_widths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        CiGanConfig(widths=(4, 4, 4))
    assert CiGanConfig().side == CONFIG.side == 64


@pytest.mark.parametrize(
    ("name", "value", "message"), [("frames", 1, "at least 2"), ("edit_steps", 0, "at least 1")]
)
def test_pictures_and_steps_that_are_too_few_are_refused(
    name: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"'{name}' .* {message}, not {value}"):
        replace(CONFIG, **{name: value})


@torch.no_grad()
def test_pictures_codes_and_back() -> None:
    networks = tiny_networks()
    generator = networks.generator
    z, noise = torch.randn(3, CONFIG.code), generator.draw_noise(3)
    pictures = generator(z, noise)
    assert pictures.shape == (3, 3, 64, 64)
    codes = networks.standardised(generator.mapping(z))
    torch.testing.assert_close(networks.draw(codes, noise), pictures, atol=1e-5, rtol=1e-4)
    seen = networks.look(pictures)
    assert seen.shape == (3, 40, 8, 8)
    assert networks.encoder(pictures, seen).shape == (3, CONFIG.code)
    assert torch.equal(networks.invert(pictures), networks.encoder(pictures, seen))


@torch.no_grad()
def test_the_length_of_the_noise_does_not_count() -> None:
    mapping, z = Mapping(CONFIG), torch.randn(3, CONFIG.code)
    torch.testing.assert_close(mapping(z), mapping(5 * z), atol=1e-5, rtol=1e-4)
    assert not torch.allclose(mapping(z), mapping(-z), atol=0.1)


@torch.no_grad()
def test_standardised_codes_have_mean_0_and_one_deviation_for_all_numbers() -> None:
    networks, z = tiny_networks(), torch.randn(500, CONFIG.code)
    networks.measure_codes(z)
    codes = networks.standardised(networks.generator.mapping(z))
    torch.testing.assert_close(codes.mean(0), torch.zeros(CONFIG.code), atol=1e-5, rtol=0)
    assert codes.square().mean().item() == pytest.approx(1, rel=1e-4)
    assert codes.std(0).max() > 1.02  # they are not whitened


def test_the_spread_of_a_batch_is_seen() -> None:
    """Channels of deviation 1 and 0."""
    x = torch.zeros(2, 2, 4, 4)
    x[:, 0] = torch.tensor([1.0, -1.0]).view(2, 1, 1)
    torch.testing.assert_close(spread(x), torch.full((2, 1, 4, 4), 0.5), atol=1e-3, rtol=0)


@pytest.mark.parametrize("part", ["pictures", "trunk"])
def test_a_judge_tells_by_pixels_or_by_what_the_trunk_sees(part: str) -> None:
    """Overfitting: one of both is alike for what is real and what is not."""
    torch.manual_seed(0)
    judge = PictureJudge(CONFIG)
    real, fake = torch.randn(2, 4, 3, 64, 64)
    seen_real, seen_fake = torch.randn(2, 4, 40, 8, 8)
    if part == "pictures":
        seen_fake = seen_real
    else:
        fake = real
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(60):
        right, wrong = judge(real, seen_real), judge(fake, seen_fake)
        optimizer.zero_grad()
        (believed_loss(right) + doubted_loss(wrong)).backward()
        optimizer.step()
    assert right.shape == (4,)
    assert right.min() > wrong.max()


def test_a_judge_of_codes_tells_where_they_are() -> None:
    torch.manual_seed(0)
    judge = CodeJudge(CONFIG.code)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    real = torch.randn(64, CONFIG.code)
    for _ in range(60):
        right, wrong = judge(real), judge(real * 3)
        optimizer.zero_grad()
        (believed_loss(right) + doubted_loss(wrong)).backward()
        optimizer.step()
    assert right.mean() > wrong.mean() + 1
