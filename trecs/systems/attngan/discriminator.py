"""AttnGAN's discriminators: is a picture real, and is it real for this sentence?

Xu et al., section 3.1. Parameter names are the authors' (D_NET64, D_NET128, D_NET256), whose
last layer's sigmoid belongs to the losses here.
"""

from pathlib import Path

from torch import Tensor, nn

from files.weights import load_config, load_module
from trecs.learning.judge import (
    CODE,
    ConditionalLogits,
    Judge,
    Logits,
    conv3x3,
    halving,
    normalised,
)
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig

KIND = "attngan-discriminators"


class Discriminator(Judge):
    """Judges pictures of one side: 64 pixels or 128 or 256."""

    def __init__(self, side: int, width: int, text: int) -> None:
        super().__init__()
        self.img_code_s16 = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            *halving(width, width * 2),
            *halving(width * 2, width * 4),
            *halving(width * 4, width * CODE),
        )
        halvings = (side // FIRST_SIDE).bit_length() - 1  # beyond the first four
        channels, self.further = width * CODE, list[str]()
        for i in range(halvings):
            self._then(f"img_code_s{32 << i}", halving(channels, channels * 2))
            channels *= 2
        for i in range(halvings):
            layers = normalised(conv3x3(channels, channels // 2))
            self._then(f"img_code_s{16 << halvings}_{i + 1}", layers)
            channels //= 2
        self.UNCOND_DNET = Logits(channels)
        self.COND_DNET = ConditionalLogits(channels, text)

    @staticmethod
    def all_of(config: AttnGanConfig) -> nn.ModuleList:
        """One for each stage, the smallest pictures' first."""
        return nn.ModuleList(
            Discriminator(FIRST_SIDE << stage, config.judge_width, config.text)
            for stage in range(config.stages)
        )

    def forward(self, image: Tensor) -> Tensor:
        """The codes (B, 8 width, 4, 4) of pictures (B, 3, side, side) in [-1, 1]."""
        code: Tensor = self.img_code_s16(image)
        for name in self.further:
            code = getattr(self, name)(code)
        return code

    def _then(self, name: str, layers: nn.Sequential) -> None:
        self.add_module(name, layers)
        self.further.append(name)


def load_discriminators(folder: Path) -> nn.ModuleList:
    """One for each stage, as `trecs weights import attngan` wrote them, in eval mode.

    Raises InputError where the folder is missing, damaged or of another kind.
    """
    config = load_config(folder, KIND, AttnGanConfig)
    return load_module(folder, lambda: Discriminator.all_of(config))
