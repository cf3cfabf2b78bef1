import pytest
import torch
from torch import Tensor
from torch.nn import functional

from trecs.systems.cigan.style import EqualConv, EqualLinear, ModulatedConv, StyledLayer, ToRgb


def by_its_weights(conv: ModulatedConv, x: Tensor, code: Tensor, *, demodulated: bool) -> Tensor:
    """Equations 1 to 3 as they stand: each picture has a kernel of its own."""
    styles = code @ conv.affine.weight.T / code.shape[1] ** 0.5 + conv.affine.bias
    outputs, inputs, kernel, _ = conv.weight.shape
    found = []
    for one, style in zip(x, styles, strict=True):
        weight = conv.weight / (inputs * kernel**2) ** 0.5 * style.view(1, -1, 1, 1)
        if demodulated:
            size = (weight.square().sum((1, 2, 3)) + 1e-8).sqrt()
            weight = weight / size.view(outputs, 1, 1, 1)
        found.append(functional.conv2d(one[None], weight, padding=kernel // 2))
    return torch.cat(found)


@pytest.mark.parametrize("demodulated", [True, False])
@torch.no_grad()
def test_a_modulated_convolution_has_a_kernel_of_each_style(demodulated: bool) -> None:
    torch.manual_seed(0)
    conv = ModulatedConv(3, 4, 3, 5, demodulated=demodulated)
    x, code = torch.randn(2, 3, 6, 6), torch.randn(2, 5)
    expected = by_its_weights(conv, x, code, demodulated=demodulated)
    torch.testing.assert_close(conv(x, code), expected, atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_demodulated_maps_have_unit_spread_whatever_the_style() -> None:
    torch.manual_seed(0)
    conv = ModulatedConv(16, 64, 3, 5)
    for scale in (0.1, 10.0):
        out = conv(torch.randn(8, 16, 32, 32), scale * torch.randn(8, 5))
        assert out.std().item() == pytest.approx(1, abs=0.05)


@torch.no_grad()
def test_a_doubling_convolution_is_transposed_and_blurred() -> None:
    """A kernel of ones spreads a place to 3 x 3; of those, [1 3 3 1] / 4 each way."""
    conv = ModulatedConv(1, 1, 3, 2, demodulated=False, doubles=True)
    conv.weight.fill_(3.0)  # the scale of 9 taps is a third
    x = torch.zeros(1, 1, 4, 4)
    x[..., 1, 1] = 1
    out = conv(x, torch.zeros(1, 2))  # a style of 1
    assert out.shape == (1, 1, 8, 8)
    line = torch.tensor([1, 4, 7, 7, 4, 1.0]) / 4
    expected = torch.zeros(8, 8)
    expected[0:6, 0:6] = torch.outer(line, line)
    torch.testing.assert_close(out[0, 0], expected)


@torch.no_grad()
def test_scaled_weights_keep_the_spread_and_learn_at_a_rate() -> None:
    torch.manual_seed(0)
    x = torch.randn(512, 100)
    assert EqualLinear(100, 200)(x).std().item() == pytest.approx(1, abs=0.05)
    slow = EqualLinear(100, 200, rate=0.01, bias=1.0)
    out = slow(x)
    assert (out.std().item(), out.mean().item()) == pytest.approx((1, 1), abs=0.05)
    slow.weight.add_(1.0)  # a step of 1 in each of a hundred weights of 0.01 / 10 is 0.001 a number
    torch.testing.assert_close(slow(x) - out, x.sum(1, keepdim=True).expand(-1, 200) / 1000,
                               atol=1e-4, rtol=1e-3)  # fmt: skip
    maps = EqualConv(8, 32, 4, stride=2)(torch.randn(4, 8, 32, 32))
    assert maps.shape == (4, 32, 16, 16)
    assert maps[..., 1:-1, 1:-1].std().item() == pytest.approx(1, abs=0.1)


@torch.no_grad()
def test_noise_counts_by_a_learnt_strength() -> None:
    layer, code = StyledLayer(3, 4, 5), torch.randn(2, 5)
    x, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 2, 1, 4, 4)
    assert torch.equal(layer(x, code, noise[0]), layer(x, code, noise[1]))
    layer.strength.fill_(1.0)
    assert not torch.equal(layer(x, code, noise[0]), layer(x, code, noise[1]))


@torch.no_grad()
def test_a_side_adds_to_the_enlarged_picture_of_the_one_before() -> None:
    to_rgb = ToRgb(3, 5)
    to_rgb.conv.weight.zero_()
    to_rgb.bias.fill_(0.25)
    before = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(1, 3, 2, 2)
    picture = to_rgb(torch.randn(1, 3, 4, 4), torch.randn(1, 5), before)
    assert picture[0, 0, 0].tolist() == [0.25, 0.5, 1.0, 1.25]
    assert (to_rgb(torch.randn(1, 3, 4, 4), torch.randn(1, 5), None) == 0.25).all()
