"""CLIP's ResNet (Radford et al., section 2.4): pools before strides, and by attention at the end.

The parameter names are the authors'.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

EXPANSION = 4  # channels that a bottleneck gives, in its inner ones
SHRUNK = 32  # pixels of a picture that a place of the last map stands for, a side


class Bottleneck(nn.Module):
    """Three convolutions beside a shortcut; an average pool shrinks, no convolution does."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.stride = stride
        self.downsample: nn.Sequential | None = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential()
            self.downsample.add_module("0", nn.Conv2d(inputs, outputs, 1, bias=False))
            self.downsample.add_module("1", nn.BatchNorm2d(outputs))
        nn.init.zeros_(self.bn3.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, 4 width, H / stride, W / stride)."""
        hidden = functional.relu(self.bn1(self.conv1(x)))
        hidden = functional.relu(self.bn2(self.conv2(hidden)))
        hidden = self.bn3(self.conv3(functional.avg_pool2d(hidden, self.stride)))
        if self.downsample is not None:
            x = self.downsample(functional.avg_pool2d(x, self.stride))
        return functional.relu(x + hidden)


class AttentionPool(nn.Module):
    """The mean of all places asks them, once, what there is."""

    def __init__(self, side: int, width: int, heads: int, outputs: int) -> None:
        super().__init__()
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.randn(side**2 + 1, width) * width**-0.5)
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.c_proj = nn.Linear(width, outputs)
        for projection in (self.q_proj, self.k_proj, self.v_proj, self.c_proj):
            nn.init.normal_(projection.weight, std=width**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) to (B, outputs)."""
        rows = x.flatten(2).transpose(1, 2)  # (B, N, width)
        rows = torch.cat([rows.mean(1, keepdim=True), rows], 1) + self.positional_embedding
        asked = self.q_proj(rows[:, :1])
        split = (asked, self.k_proj(rows), self.v_proj(rows))
        heads = [part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in split]
        found = functional.scaled_dot_product_attention(*heads)  # (B, heads, 1, width / heads)
        pooled: Tensor = self.c_proj(found.flatten(1))
        return pooled


class ResNet(nn.Module):
    """A stem of three convolutions, four parts of bottlenecks, and the pool."""

    def __init__(
        self, layers: Sequence[int], width: int, heads: int, side: int, embedding: int
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width // 2, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width // 2)
        self.conv2 = nn.Conv2d(width // 2, width // 2, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width // 2)
        self.conv3 = nn.Conv2d(width // 2, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        inputs = width
        for number, blocks in enumerate(layers):
            inner = width << number
            part = nn.Sequential()
            for block in range(blocks):
                stride = 2 if number and not block else 1
                part.append(Bottleneck(inputs, inner, stride))
                inputs = inner * EXPANSION
            self.add_module(f"layer{number + 1}", part)
        self.attnpool = AttentionPool(side // SHRUNK, inputs, heads, embedding)

    def forward(self, pictures: Tensor) -> Tensor:
        """Features (B, D) of pictures (B, 3, S, S) of the authors' mean and deviation."""
        x = functional.relu(self.bn1(self.conv1(pictures)))
        x = functional.relu(self.bn2(self.conv2(x)))
        x = functional.avg_pool2d(functional.relu(self.bn3(self.conv3(x))), 2)
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        features: Tensor = self.attnpool(x)
        return features
