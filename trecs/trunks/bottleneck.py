"""What EfficientNet-lite is made of; parameter names are those of the published files."""

from torch import Tensor, nn
from torch.nn import functional


class Bottleneck(nn.Module):
    """An inverted bottleneck (Sandler et al., CVPR 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expands, self.skips = expansion > 1, stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv = SameConv(inputs, hidden, 1, 1)
            self._bn0 = norm(hidden)
        self._depthwise_conv = SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self._bn1 = norm(hidden)
        self._project_conv = SameConv(hidden, outputs, 1, 1)
        self._bn2 = norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        hidden = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        hidden = functional.relu6(self._bn1(self._depthwise_conv(hidden)))
        hidden = self._bn2(self._project_conv(hidden))
        return x + hidden if self.skips else hidden


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME does."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) to (B, outputs, H / stride, W / stride), rounded up."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        margins = []
        for length in (x.shape[3], x.shape[2]):
            whole = max(-(-length // stride) * stride - stride + kernel - length, 0)
            margins += [whole // 2, whole - whole // 2]
        return super().forward(functional.pad(x, margins))


def norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm as the authors have it."""
    return nn.BatchNorm2d(channels, eps=1e-3)
