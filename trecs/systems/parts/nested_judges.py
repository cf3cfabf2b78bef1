"""HDGAN's judges, nested along one generator (Zhang et al., CVPR 2018, section 3.1, figure 2).

One looks at the pictures of each side: it scores a picture beside its sentence, and patches of the
picture alone. Layers and parameter names are those of the authors' PyTorch code.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from trecs.systems.parts.least_squares import Scores
from trecs.systems.parts.matching_aware import another

SLOPE = 0.2  # of the leaky ReLUs
WINDOW = 4  # places a side of what one score is made of
ENCODED = 8  # places a side of the maps from which codes are made


class NestedJudges(nn.Module):
    """The judges of pictures of all `sides`, the smallest first: powers of two above 8.

    `text`: numbers of a sentence, and `told` those that it is drawn to. `encoded`: channels of maps
    of 8x8 places; a larger picture's first map has fewer. `width`: a quarter of a code's channels.
    The largest side's code keeps 8x8 places, so that it has several patches.
    """

    def __init__(
        self, sides: Sequence[int], *, text: int, told: int, encoded: int, width: int
    ) -> None:
        super().__init__()
        self.sides, code = tuple(sides), width * 4
        for side in self.sides:
            keeps = side == self.sides[-1]
            self.add_module(f"img_encoder_{side}", _Encoder(side, encoded, code, keeps))
            self.add_module(f"pair_disc_{side}", _PairHead(code + told, code))
            self.add_module(f"local_img_disc_{side}", nn.Conv2d(code, 1, WINDOW))
            self.add_module(
                f"context_emb_pipe_{side}",
                nn.Sequential(nn.Linear(text, told), nn.LeakyReLU(SLOPE)),
            )
        self.pre_encode = _normalised(_narrowing(code, code))

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, 4 width, 4, 4), or 8 x 8 of the largest, of pictures (B, 3, S, S)."""
        code: Tensor = self.get_submodule(f"img_encoder_{pictures.shape[-1]}")(pictures)
        return code

    def together(self, photos: Tensor, pictures: Tensor) -> Tensor:
        """The codes of photos (B, 3, S, S), then other ones', then drawn pictures', (3 B, ...).

        Photos and pictures are one batch, where the authors have three: norms over one kind of
        pictures hide from a judge how strong their contrasts are (reconstructed).
        """
        code, drawn = self(torch.cat([photos, pictures])).chunk(2)
        return torch.cat([code, another(code), drawn])

    def judge(self, side: int, code: Tensor, sentence: Tensor) -> Scores:
        """Scores of codes of pictures of a side beside sentences (B, D)."""
        return self.scores(side, code, self.joint(side, code, sentence))

    def joint(self, side: int, code: Tensor, sentence: Tensor) -> Tensor:
        """Codes and sentences (B, D) as one, (B, 4 width, 4, 4)."""
        if side == self.sides[-1]:
            code = self.pre_encode(code)
        told = self.get_submodule(f"context_emb_pipe_{side}")(sentence)
        everywhere = told[..., None, None].expand(-1, -1, *code.shape[2:])
        head = self.get_submodule(f"pair_disc_{side}")
        assert isinstance(head, _PairHead)
        return head.joint(torch.cat([code, everywhere], 1))

    def scores(self, side: int, code: Tensor, joint: Tensor) -> Scores:
        """Scores of codes, and of what `joint` makes of them beside sentences."""
        local: Tensor = self.get_submodule(f"local_img_disc_{side}")(code)
        pair: Tensor = self.get_submodule(f"pair_disc_{side}")(joint)
        return Scores(pair.flatten(), local[:, 0])


class _Encoder(nn.Module):
    """Pictures of a side to codes; `keeps`: a code of 8x8 places (ImageDown)."""

    def __init__(self, side: int, encoded: int, code: int, keeps: bool) -> None:
        super().__init__()
        halvings = (side // ENCODED).bit_length() - 1
        channels = [encoded >> number for number in reversed(range(halvings))]
        if keeps:
            channels[-1] = code
        layers = [nn.Sequential(_halving(3, channels[0]), nn.LeakyReLU(SLOPE))]
        layers += [_normalised(_halving(*pair)) for pair in pairwise(channels)]
        if not keeps:
            layers.append(_normalised(_narrowing(channels[-1], code)))
        self.node = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        code: Tensor = self.node(pictures)
        return code


class _PairHead(nn.Module):
    """Codes beside sentences to scores (DiscClassifier)."""

    def __init__(self, inputs: int, code: int) -> None:
        super().__init__()
        self.node = nn.Sequential(
            _normalised(nn.Conv2d(inputs, code, 1, bias=False)), nn.Conv2d(code, 1, WINDOW)
        )

    def joint(self, beside: Tensor) -> Tensor:
        joint: Tensor = self.node[0](beside)
        return joint

    def forward(self, joint: Tensor) -> Tensor:
        score: Tensor = self.node[1](joint)
        return score


def _halving(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)


def _narrowing(inputs: int, outputs: int) -> nn.Conv2d:
    """Maps of 8x8 places to 4x4."""
    return nn.Conv2d(inputs, outputs, ENCODED - WINDOW + 1, bias=False)


def _normalised(convolution: nn.Conv2d) -> nn.Sequential:
    norm = nn.BatchNorm2d(convolution.out_channels)
    return nn.Sequential(convolution, norm, nn.LeakyReLU(SLOPE))
