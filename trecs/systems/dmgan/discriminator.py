"""DM-GAN's judges, one for each stage: AttnGAN's, spectrally normalised (Zhu et al., CVPR 2019).

Layers and parameter names are those of the authors' PyTorch code (D_NET64, D_NET128, D_NET256),
whose last layer's sigmoid belongs to the losses here.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.learning import judge
from trecs.learning.judge import CODE
from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.parts.staged_config import halvings

SLOPE = 0.2  # of the leaky ReLUs
SHARED = 4  # halvings with which every judge of the authors begins
LEAST = 1e-12  # keeps a vector of zeros from being divided by its length


class SpectralConv(nn.Module):
    """A convolution whose weight is divided by its largest singular value (Miyato et al., 2018).

    Every call goes one power iteration on, also in evaluation, as the authors' code does. Their
    wrapper's names: `module.weight_bar`, and the singular vectors `weight_u` and `weight_v`.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self._stride = stride
        fresh = nn.Conv2d(inputs, outputs, kernel)
        self.module = nn.Module()
        assert fresh.bias is not None
        self.module.register_parameter("bias", nn.Parameter(fresh.bias.detach()))
        for name, numbers in (("u", outputs), ("v", inputs * kernel**2)):
            vector = functional.normalize(torch.randn(numbers), dim=0, eps=LEAST)
            self.module.register_buffer(f"weight_{name}", vector)
        self.module.register_parameter("weight_bar", nn.Parameter(fresh.weight.detach()))

    @property
    def weight(self) -> Tensor:
        """The weight (O, I, K, K) as it is learnt, before it is divided."""
        return self.module.get_parameter("weight_bar")

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, I, H, W) to (B, O, H', W')."""
        weight, matrix = self.weight, self.weight.flatten(1)
        with torch.no_grad():
            before = self.module.get_buffer("weight_u")
            v = functional.normalize(matrix.T @ before, dim=0, eps=LEAST)
            u = functional.normalize(matrix @ v, dim=0, eps=LEAST)
            self.module.get_buffer("weight_v").copy_(v)
            before.copy_(u)
        largest = u @ (matrix @ v)
        bias = self.module.get_parameter("bias")
        return functional.conv2d(x, weight / largest, bias, self._stride, padding=1)


class ConditionalLogits(judge.Logits):
    """A code and a sentence to a logit (D_GET_LOGITS with `bcondition`)."""

    def __init__(self, channels: int, text: int) -> None:
        super().__init__(channels)
        self.jointConv = nn.Sequential(*_keeping(channels + text, channels))

    def forward(self, code: Tensor, sentence: Tensor) -> Tensor:  # type: ignore[override]
        """Maps (B, channels, 4, 4) and (B, D) to (B,)."""
        everywhere = sentence[..., None, None].expand(-1, -1, *code.shape[2:])
        return super().forward(self.jointConv(torch.cat([code, everywhere], 1)))


class Judge(judge.Judge):
    """Judges pictures of one side, beside their sentences and by themselves."""

    def __init__(self, config: DmGanConfig, side: int) -> None:
        super().__init__()
        width, count = config.judge_width, halvings(side)
        first = [*_halving(3, width)]
        for number in range(1, min(count, SHARED)):
            first += _halving(width << number - 1, width << number)
        self._names = ["img_code_s16"]
        self.img_code_s16 = nn.Sequential(*first)
        channels = width << min(count, SHARED) - 1
        for number in range(count - SHARED):
            self._then(f"img_code_s{32 << number}", _halving(channels, channels * 2))
            channels *= 2
        for number in range(1, count - SHARED + 1):
            name = f"img_code_s{16 << count - SHARED}_{number}"
            self._then(name, _keeping(channels, channels // 2))
            channels //= 2
        assert channels <= width * CODE
        self.UNCOND_DNET = judge.Logits(channels)
        self.COND_DNET = ConditionalLogits(channels, config.text)  # type: ignore[assignment]

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, channels, 4, 4) of pictures (B, 3, side, side) in [-1, 1]."""
        code = pictures
        for name in self._names:
            code = self.get_submodule(name)(code)
        return code

    def _then(self, name: str, layers: tuple[nn.Module, ...]) -> None:
        self.add_module(name, nn.Sequential(*layers))
        self._names.append(name)


def _halving(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return SpectralConv(inputs, outputs, 4, 2), nn.LeakyReLU(SLOPE)


def _keeping(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return SpectralConv(inputs, outputs, 3, 1), nn.LeakyReLU(SLOPE)
