"""PPGN's networks: what looks (E and C), what draws (G), and who judges while G learns.

The condition network shares its first layers with the encoder, as the authors' classifier does.
Their AlexNet is here a small matcher of pictures and sentences that is trained with the system.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from trecs.systems.parts.matching_losses import GAMMA3
from trecs.systems.ppgn.config import PpgnConfig
from trecs.systems.ppgn.sampler import Seen

SLOPE = 0.2  # of the leaky ReLUs; the authors' generator has 0.3
LEAST = 1e-4  # variance of a component that is told from none


class Recogniser(nn.Module):
    """Encoder E and condition network C, which compares pictures with sentences.

    E: the map (B, C, S / 8, S / 8) of the third layer, in whose blocks of 2 x 2 places `code` finds
    the principal components, each of unit variance. C: two more layers, averaged over places; a
    picture's probability of a sentence is that of DAMSM's loss (Xu et al., CVPR 2018, equation 11)
    among a `bank` of other ones.
    """

    bank: Tensor  # (N, D)

    def __init__(self, config: PpgnConfig) -> None:
        super().__init__()
        one, two, three, four, five = config.seen
        self.lower = nn.Sequential(
            *_looking(3, one, 4, 2), *_looking(one, two, 3, 2), *_looking(two, three, 3, 2)
        )
        self.upper = nn.Sequential(*_looking(three, four, 3, 2), *_looking(four, five, 3, 1))
        self.picture = nn.Linear(five, config.match)
        self.sentence = nn.Linear(config.text, config.match)
        self.code = nn.Conv2d(three, config.code, 2, 2).requires_grad_(False)
        self.register_buffer("bank", torch.zeros(config.bank, config.text))

    def forward(self, pictures: Tensor) -> Tensor:
        """The map (B, C, S / 8, S / 8) of pictures (B, 3, S, S) in [-1, 1]."""
        seen: Tensor = self.lower(pictures)
        return seen

    def encode(self, seen: Tensor) -> Tensor:
        """The code h (B, K, S / 16, S / 16) of a map."""
        code: Tensor = self.code(seen)
        return code

    def matched(self, seen: Tensor) -> Tensor:
        """What a map has to be compared, (B, M)."""
        found: Tensor = self.picture(self.upper(seen).mean((2, 3)))
        return found

    def log_probability(self, seen: Tensor, sentence: Tensor) -> Tensor:
        """log p(sentence | picture) (B,) of maps and sentences (B, D), among those of the bank."""
        picture = functional.normalize(self.matched(seen), dim=1)
        own = functional.normalize(self.sentence(sentence), dim=1)
        others = functional.normalize(self.sentence(self.bank), dim=1)
        fits = torch.cat([(picture * own).sum(1, keepdim=True), picture @ others.T], 1)
        return (GAMMA3 * fits).log_softmax(1)[:, 0]

    @torch.no_grad()
    def find_components(self, seen: Tensor) -> None:
        """Makes codes the whitened principal components of maps (N, C, H, W)."""
        count = self.code.out_channels
        blocks = functional.unfold(seen, 2, stride=2).transpose(1, 2).flatten(0, 1)  # (M, 4C)
        mean = blocks.mean(0)
        centred = blocks - mean
        variances, directions = torch.linalg.eigh(centred.T @ centred / len(blocks))
        scale = variances[-count:].clamp(min=LEAST).sqrt()
        weight = (directions[:, -count:] / scale).T.flip(0)  # (K, 4C), the largest first
        self.code.weight.copy_(weight.view_as(self.code.weight))
        assert self.code.bias is not None
        self.code.bias.copy_(-weight @ mean)


class Generator(nn.Module):
    """G, a code to a picture: transposed convolutions (Dosovitskiy and Brox, NIPS 2016)."""

    def __init__(self, config: PpgnConfig) -> None:
        super().__init__()
        first, *rest = config.widths
        layers: list[nn.Module] = [nn.Conv2d(config.code, first, 3, 1, 1), nn.LeakyReLU(SLOPE)]
        for number, width in enumerate(rest):
            layers += [nn.ConvTranspose2d(first, width, 4, 2, 1), nn.LeakyReLU(SLOPE)]
            if number < 2:  # theirs stand between all; on larger maps they cost most
                layers += [nn.Conv2d(width, width, 3, 1, 1), nn.LeakyReLU(SLOPE)]
            first = width
        self.layers = nn.Sequential(*layers, nn.Conv2d(first, 3, 3, 1, 1), nn.Tanh())
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                _begin(layer)

    def forward(self, code: Tensor) -> Tensor:
        """Pictures (B, 3, S, S) in [-1, 1] of codes (B, K, S / 16, S / 16)."""
        picture: Tensor = self.layers(code)
        return picture


class PlugAndPlay(nn.Module):
    """Everything that the sampler asks: G, and E and C of its pictures."""

    def __init__(self, config: PpgnConfig) -> None:
        super().__init__()
        self.config = config
        self.generator, self.recogniser = Generator(config), Recogniser(config)

    def look(self, code: Tensor, sentence: Tensor) -> Seen:
        """What is seen of codes (B, K, S / 16, S / 16) beside sentences (B, D)."""
        picture = self.generator(code)
        seen = self.recogniser(picture)
        told = self.recogniser.log_probability(seen, sentence)
        return Seen(picture, self.recogniser.encode(seen), told)


class Judge(nn.Module):
    """Whether pictures are real, beside the code of which G had to draw them.

    It looks at pixels and, as in Projected GANs (Sauer et al., NeurIPS 2021), at what E sees.
    """

    def __init__(self, config: PpgnConfig) -> None:
        super().__init__()
        width, last = config.judge_width, config.judge_width * 3
        self.pixels = nn.Sequential(
            *_judging(3, width), *_judging(width, width * 2), *_judging(width * 2, last),
            *_judging(last, last),
        )  # fmt: skip
        self.map = nn.Sequential(*_judging(config.seen[2], last))
        self.joint = nn.Sequential(
            spectral_norm(nn.Conv2d(last * 2 + config.code, last, 3, 1, 1)),
            nn.LeakyReLU(SLOPE),
            spectral_norm(nn.Conv2d(last, 1, 1)),
        )

    def forward(self, pictures: Tensor, seen: Tensor, code: Tensor) -> Tensor:
        """Logits (B, N), one a place, of pictures, E's maps of them, and codes."""
        logits: Tensor = self.joint(torch.cat([self.pixels(pictures), self.map(seen), code], 1))
        return logits.flatten(1)


@torch.no_grad()
def _begin(layer: nn.Conv2d | nn.ConvTranspose2d) -> None:
    """He's beginning: without norms, weights alone keep signals as strong as they came."""
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, SLOPE)
    else:  # of whose kernel each number that comes out sees one of stride x stride
        nn.init.kaiming_normal_(layer.weight, SLOPE, mode="fan_out")
        layer.weight.mul_(layer.stride[0])
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)


def _looking(inputs: int, outputs: int, kernel: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(SLOPE),
    ]


def _judging(inputs: int, outputs: int) -> list[nn.Module]:
    return [spectral_norm(nn.Conv2d(inputs, outputs, 4, 2, 1)), nn.LeakyReLU(SLOPE)]
