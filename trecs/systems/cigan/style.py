"""The layers of a style-based generator (Karras et al., StyleGAN2, CVPR 2020).

Weights begin standard normal and are scaled when they are used (an equalised learning rate), so
that all layers learn as fast. A modulated convolution scales what enters and what leaves it in
place of its weights, which is the same and lets a batch share one convolution.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2  # of the leaky ReLUs
GAIN = 2**0.5  # after one, so that it keeps the spread
EPSILON = 1e-8
NOISE_RATE = 0.02
"""What the noise's learning rate is multiplied by (reconstructed). At a rate like that of others a
generator that learns for minutes takes all its details from noise and none from the code."""


class EqualLinear(nn.Module):
    """A linear layer; `rate` is what its weights' learning rate is multiplied by."""

    def __init__(self, inputs: int, outputs: int, *, rate: float = 1.0, bias: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self._scale, self._rate = rate / inputs**0.5, rate

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs) to (B, outputs)."""
        return functional.linear(x, self.weight * self._scale, self.bias * self._rate)


class EqualConv(nn.Module):
    """A convolution that keeps the side, or with a `stride` of 2 and 4 x 4 kernels halves it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self._scale = (inputs * kernel**2) ** -0.5
        self._stride, self._padding = stride, (kernel - 1) // 2

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        weight = self.weight * self._scale
        return functional.conv2d(x, weight, self.bias, self._stride, self._padding)


class ModulatedConv(nn.Module):
    """A convolution whose weights are a style's (section 2.2, equations 1 to 3).

    w' = s_i w, and w'' = w' / sqrt(sum over inputs and taps of w'^2 + epsilon) if it is
    `demodulated`. `doubles`: it is transposed, of twice the side, and blurred.
    """

    blur: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        code: int,
        *,
        demodulated: bool = True,
        doubles: bool = False,
    ) -> None:
        super().__init__()
        self.affine = EqualLinear(code, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self._scale, self._padding = (inputs * kernel**2) ** -0.5, kernel // 2
        self._demodulated, self._doubles = demodulated, doubles
        line = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4  # twice the mean: zeros stood between places
        self.register_buffer("blur", torch.outer(line, line)[None, None], persistent=False)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) beside codes (B, W) to (B, outputs, H, W), or twice the side."""
        style = self.affine(code)  # (B, inputs)
        weight = self.weight * self._scale
        x = x * style[..., None, None]
        if self._doubles:
            x = functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2)  # 2 H + 1
            blur = self.blur.expand(x.shape[1], -1, -1, -1)
            x = functional.conv2d(x, blur, padding=1, groups=x.shape[1])
        else:
            x = functional.conv2d(x, weight, padding=self._padding)
        if self._demodulated:
            squares = style.square() @ weight.square().sum((2, 3)).T  # (B, outputs)
            x = x * (squares + EPSILON).rsqrt()[..., None, None]
        return x


class StyledLayer(nn.Module):
    """A modulated convolution, noise of a learnt strength, a bias and a leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, code: int, *, doubles: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, code, doubles=doubles)
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, code: Tensor, noise: Tensor) -> Tensor:
        """The next map, of noise (B, 1, H, W) of its side."""
        x = self.conv(x, code) + NOISE_RATE * self.strength * noise + self.bias[:, None, None]
        return functional.leaky_relu(x, SLOPE) * GAIN


class ToRgb(nn.Module):
    """What a map adds to the picture: a convolution of one place, not demodulated."""

    def __init__(self, inputs: int, code: int) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, 3, 1, code, demodulated=False)
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor, code: Tensor, picture: Tensor | None) -> Tensor:
        """The picture (B, 3, H, W), over one of half the side if there is one."""
        own: Tensor = self.conv(x, code) + self.bias[:, None, None]
        if picture is None:
            return own
        return own + functional.interpolate(picture, scale_factor=2.0, mode="bilinear")
