"""The discriminators of generators that draw in stages: is a picture real, also for this sentence?

AttnGAN's (Xu et al., CVPR 2018, section 3.1), which MirrorGAN took as they are. Parameter names are
the authors' (D_NET64, D_NET128, D_NET256), whose last layer's sigmoid belongs to the losses.
"""

from torch import Tensor, nn

from trecs.learning.judge import (
    CODE,
    ConditionalLogits,
    Judge,
    Logits,
    conv3x3,
    halving,
    normalised,
)
from trecs.systems.parts.trunk import SMALLEST

WHOLE = 64  # pixels a side from which on a discriminator has all layers of the authors'
SLOPE = 0.2  # of the leaky ReLUs


class Discriminator(Judge):
    """Judges pictures of one side: 64 pixels, 128 or 256, as the authors', or less.

    Smaller pictures are halved less often, and their codes have fewer channels (reconstructed).
    """

    def __init__(self, side: int, width: int, text: int) -> None:
        super().__init__()
        first = min(side, WHOLE) // SMALLEST  # by which the first layers divide the side
        layers: list[nn.Module] = [
            nn.Conv2d(3, width, 4, 2, 1, bias=False),
            nn.LeakyReLU(SLOPE, inplace=True),
        ]
        channels, self.further = width, list[str]()
        for _ in range(first.bit_length() - 2):
            layers += halving(channels, channels * 2)
            channels *= 2
        self._then(f"img_code_s{first}", nn.Sequential(*layers))
        halvings = max(side // WHOLE, 1).bit_length() - 1  # beyond the first four
        for i in range(halvings):
            self._then(f"img_code_s{32 << i}", halving(channels, channels * 2))
            channels *= 2
        for i in range(halvings):
            narrower = normalised(conv3x3(channels, channels // 2))
            self._then(f"img_code_s{16 << halvings}_{i + 1}", narrower)
            channels //= 2
        assert channels <= width * CODE
        self.UNCOND_DNET = Logits(channels)
        self.COND_DNET = ConditionalLogits(channels, text)

    def forward(self, image: Tensor) -> Tensor:
        """The codes (B, 8 width, 4, 4) of pictures (B, 3, side, side) in [-1, 1].

        A side of 32 has half the channels, and so on.
        """
        code = image
        for name in self.further:
            code = getattr(self, name)(code)
        return code

    def _then(self, name: str, layers: nn.Sequential) -> None:
        self.add_module(name, layers)
        self.further.append(name)
