import numpy as np
import pytest
import torch

from trecs.generators.appearance import (
    COLUMNS,
    COMPONENTS,
    FINE,
    NUMBERS,
    ROWS,
    SUMMARY,
    TYPICAL,
    Appearance,
    cosines,
    measure,
    mirrored,
    paint,
    summarised,
)

SIDE = 32
LINE = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
PLACES = np.stack(np.meshgrid(LINE, LINE, indexing="ij"), -1)
ONE = np.zeros((SIDE, SIDE), int)


def photo_of(colours: np.ndarray) -> np.ndarray:
    return np.clip((colours + 1) * 127.5, 0, 255).round().astype(np.uint8)


def painted(looks: np.ndarray, region: np.ndarray) -> np.ndarray:
    places = torch.from_numpy(PLACES)[None].float()
    out = paint(torch.from_numpy(looks), torch.from_numpy(region)[None], places)
    return out[0].permute(1, 2, 0).numpy()


def test_a_thumbnail_paints_the_slow_colours_of_each_region():
    down, across = PLACES[..., 0], PLACES[..., 1]
    colours = np.stack([0.5 * down, 0.4 * across, 0.3 * np.cos(np.pi * down)], -1)
    region = (across > 0).astype(int)
    colours[region == 1] *= -1
    looks = measure(photo_of(colours), region, PLACES)
    assert looks.shape == (2, NUMBERS)
    assert np.abs(painted(looks, region) - colours).mean() < 0.03


def test_half_a_box_does_not_say_how_the_other_half_looks():
    colours = np.full((SIDE, SIDE, 3), 0.5)
    colours[SIDE // 2 :] = -0.5
    region = (PLACES[..., 0] > 0).astype(int)
    looks = measure(photo_of(colours), region, PLACES)
    # Its own half is flat, and so is what is never seen.
    assert np.abs(painted(looks, ONE) - 0.5).max() < 0.05
    assert np.abs(painted(looks, ONE + 1) + 0.5).max() < 0.05


def test_contrast_and_grain_are_of_what_the_thumbnail_leaves():
    smooth = measure(photo_of(np.full((SIDE, SIDE, 3), 0.3)), ONE, PLACES)[0]
    assert np.abs(smooth[-2:]).max() < 0.01
    board = np.indices((SIDE, SIDE)).sum(0) % 2 - 0.5
    checked = measure(photo_of(np.repeat(board[..., None], 3, 2)), ONE, PLACES)[0]
    assert checked[-2] == pytest.approx(0.5 * FINE, abs=0.03)  # contrast
    assert checked[-1] == pytest.approx(0.5 * 8 / 9 * FINE, abs=0.1)  # grain


def test_the_cosines_are_one_at_the_top_left():
    corner = torch.tensor([[-1.0, -1.0], [1.0, -1.0]])
    functions = cosines(corner).unflatten(1, (ROWS, COLUMNS))
    assert functions[0].eq(1).all()
    assert functions[1, :, 0].tolist() == [1, -1, 1, -1, 1, -1]


def test_a_mirrored_photo_has_mirrored_looks():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    looks = measure(photo, ONE, PLACES)
    again = measure(photo[:, ::-1], ONE, PLACES)
    np.testing.assert_allclose(mirrored(looks), again, atol=1e-3)


def test_the_summary_is_colours_and_their_slope():
    down = PLACES[..., 0]
    colours = np.stack([0.1 + 0.5 * down, 0.1 + 0.5 * down, 0.4 + 0.2 * down], -1)
    looks = torch.from_numpy(measure(photo_of(colours), ONE, PLACES))
    summary = summarised(looks)
    assert summary.shape == (1, SUMMARY)
    expected = torch.tensor([0.2, -0.3, -0.15, 0.4, 0.3, 0.15])
    torch.testing.assert_close(summary[0, :6], expected, atol=0.05, rtol=0)


def test_labels_learn_how_their_regions_vary():
    generator = torch.Generator().manual_seed(0)
    labels = torch.tensor([7] * 4000 + [9] * 4000)
    direction = torch.nn.functional.normalize(torch.randn(NUMBERS, generator=generator), dim=0)
    looks = torch.randn(8000, 1, generator=generator) * direction
    looks[labels == 9] = looks[labels == 9] * 0.1 + 2
    appearance = Appearance()
    appearance.learn(labels, looks, torch.full((8000,), 300))
    torch.testing.assert_close(appearance.mean[7], torch.zeros(NUMBERS), atol=0.06, rtol=0)
    torch.testing.assert_close(appearance.mean[9], torch.full((NUMBERS,), 2.0), atol=0.06, rtol=0)
    first = appearance.factors[7, :, 0]
    assert abs(float(first @ direction)) == pytest.approx(1, abs=0.05)
    assert summarised(first[None])[0, 0] >= 0  # it brightens
    assert appearance.factors[7, :, 1:].abs().max() < 0.15
    assert float(appearance.factors[9, :, 0].norm()) == pytest.approx(0.1, abs=0.1)
    # A label that was never seen looks like the mean of all and varies like the others.
    torch.testing.assert_close(appearance.mean[100], looks.mean(0), atol=1e-4, rtol=0)

    noise = torch.zeros(2, COMPONENTS)
    noise[1, 0] = 1
    drawn = appearance.drawn(torch.tensor([7, 7]), noise)
    torch.testing.assert_close(drawn[0], appearance.mean[7])
    torch.testing.assert_close(drawn[1] - drawn[0], TYPICAL * first)


def test_large_regions_weigh_more():
    looks = torch.tensor([0.0, 1.0]).repeat(500)[:, None].expand(1000, NUMBERS)
    appearance = Appearance()
    appearance.learn(torch.full((1000,), 7), looks, torch.tensor([100, 300]).repeat(500))
    torch.testing.assert_close(appearance.mean[7, 0], torch.tensor(0.75), atol=1e-3, rtol=0)
