"""Regions drawn by seeds of their own, by the bundled generator and by tiny ones."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from files.weights import BUNDLED, save_weights
from segmentation.canvas import Canvas
from segmentation.colours import lab_of_hex
from segmentation.labels import value_of
from segmentation.told_colours import ToldColours
from segmentation.told_regions import UNTOLD
from segmentation.told_seeds import ToldSeeds
from trecs.installed import thumbnails_folder
from trecs.synthesis import Generator
from trecs.synthesis.reseeding import blended
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator

SIDE = 128
INSIDE = np.zeros((SIDE, SIDE), bool)
INSIDE[64:112, 8:56] = True
ELSEWHERE = np.zeros((SIDE, SIDE), bool)
ELSEWHERE[64:112, 72:120] = True
AROUND = np.zeros((SIDE, SIDE), bool)
AROUND[48:128, :72] = True


def canvas() -> Canvas:
    labels = np.full((SIDE, SIDE), value_of("grass"), np.uint8)
    labels[:48] = value_of("sky-other")
    labels[INSIDE | ELSEWHERE] = value_of("cow")
    return Canvas(labels, INSIDE.astype(np.int32) + 2 * ELSEWHERE)


def seeds(*given: int) -> ToldSeeds:
    numbers = np.full((SIDE, SIDE), UNTOLD, np.uint8)
    for number, where in zip(range(len(given)), (INSIDE, ELSEWHERE), strict=False):
        numbers[where] = number
    return ToldSeeds(numbers, given)


def apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean absolute difference of every pixel."""
    return np.abs(first.astype(float) - second).mean(2)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator.load(BUNDLED / "generator", thumbnails=thumbnails_folder(BUNDLED))


def test_another_cow_stands_on_the_same_meadow(generator: Generator) -> None:
    plain = generator.render(canvas(), 3, SIDE)
    other = generator.render(canvas(), 3, SIDE, None, seeds(8))
    changed, whole = apart(plain, other), apart(plain, generator.render(canvas(), 8, SIDE))
    assert changed[INSIDE].mean() > 0.7 * whole[INSIDE].mean() > 10
    assert changed[~AROUND].mean() < 0.05 * whole[~AROUND].mean()
    again = generator.render(canvas(), 3, SIDE, None, seeds(8))
    assert np.array_equal(again, other)


def test_the_pictures_own_seed_changes_nothing_and_one_cow_does_not_change_the_other(
    generator: Generator,
) -> None:
    plain = generator.render(canvas(), 3, SIDE)
    assert apart(plain, generator.render(canvas(), 3, SIDE, None, seeds(3))).max() <= 2
    one, both = (generator.render(canvas(), 3, SIDE, None, seeds(*some)) for some in ((8,), (8, 9)))
    assert apart(one, both)[INSIDE].mean() < 0.05 * apart(one, both)[ELSEWHERE].mean()


def test_a_told_colour_is_reached_by_every_seed(generator: Generator) -> None:
    numbers = np.where(INSIDE, 0, UNTOLD).astype(np.uint8)
    red = ToldColours(numbers, ((lab_of_hex("#a5443a"),),))
    first, second = (generator.render(canvas(), 3, SIDE, red, some) for some in (None, seeds(8)))
    means = [one[INSIDE].mean(0) for one in (first, second)]
    assert np.abs(means[0] - means[1]).max() < 8
    assert apart(first, second)[INSIDE].mean() > 5
    assert apart(first, second)[~AROUND].mean() < 2


def test_a_told_colour_changes_little_else(generator: Generator) -> None:
    numbers = np.where(INSIDE, 0, UNTOLD).astype(np.uint8)
    red = ToldColours(numbers, ((lab_of_hex("#a5443a"),),))
    plain = generator.render(canvas(), 3, SIDE)
    changed, whole = (
        apart(plain, other)
        for other in (generator.render(canvas(), 3, SIDE, red), generator.render(canvas(), 8, SIDE))
    )
    assert changed[INSIDE].mean() > 20
    assert changed[~AROUND].mean() < 0.15 * whole[~AROUND].mean()


@pytest.mark.parametrize("size", [64, 100])
def test_any_size_and_generators_without_a_thumbnail(tmp_path: Path, size: int) -> None:
    torch.manual_seed(0)
    networks = (SpadeConfig.tiny(), SpadeConfig(widths=(8, 8, 8, 8, 8, 8, 4, 4), noise=0))
    for number, config in enumerate(networks):
        network = SpadeGenerator(config)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name.endswith("texture"):
                    parameter.fill_(1)
        save_weights(tmp_path / str(number), "generator", config, network.state_dict())
        tiny = Generator.load(tmp_path / str(number))
        assert tiny.reseeds
        drawn = [tiny.render(canvas(), 3, size, None, some) for some in (None, seeds(8))]
        assert drawn[1].shape == (size, size, 3)
        if not config.painting:
            assert apart(*drawn).max() > 0


def test_a_spade_of_the_official_kind_has_no_noise_of_places(tmp_path: Path) -> None:
    network = SpadeGenerator(SpadeConfig.official(ngf=1))
    save_weights(tmp_path, "generator", network.config, network.state_dict())
    official = Generator.load(tmp_path)
    assert not official.reseeds
    plain, other = (official.render(canvas(), 3, 64, None, some) for some in (None, seeds(8)))
    assert np.array_equal(plain, other)


def test_noise_keeps_its_variance_where_two_are_blended() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 1, 3, 64, 64).unbind()
    share = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    mixed = blended(first, second, share)
    assert torch.equal(mixed[..., 0], first[..., 0])
    assert torch.equal(mixed[..., -1], second[..., -1])
    assert mixed[..., 16:48].std() == pytest.approx(1, abs=0.03)
