"""Discriminators of a whole picture, which look at it through a frozen EfficientNet-lite0.

Beside the segmentation discriminator, which asks whether each pixel looks like its label, they
ask whether the picture looks like a photo, and like one with these labels. Reconstructed after
Projected GANs (Sauer et al., NeurIPS 2021); they are AttnGAN's (`TrunkJudge`), told the labels
where that one is told a sentence.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.learning.augmentation import shifted
from trecs.learning.judge import Verdict, discriminator_loss
from trecs.learning.trunk_judge import TrunkJudge
from trecs.synthesis.condition import CLASSES
from trecs.trunks.efficientnet import CHANNELS, LITE0, LOCAL, EfficientNetTrunk

WIDTH = 48  # a judge's code has eight times as many channels
SHIFT = 0.125  # how far what they see is moved, of its side
LOUDNESS = 4.0  # of the labels' shares, or a judge hardly sees them beside pictures


class PictureJudges(nn.Module):
    """One judge of each of the trunk's two maps."""

    def __init__(self) -> None:
        super().__init__()
        self.judges = nn.ModuleList(TrunkJudge(maps, WIDTH, CLASSES) for maps in (LOCAL, CHANNELS))

    def forward(self, maps: Sequence[Tensor], shares: Tensor) -> list[Verdict]:
        """Each judge's verdict on a batch's maps, beside the labels' shares (B, 183)."""
        return [judge.judge(judge(seen), shares) for judge, seen in self._each(maps)]

    def with_mismatched(
        self, maps: Sequence[Tensor], shares: Tensor
    ) -> list[tuple[Verdict, Tensor]]:
        """The same, and the logits of each picture but the last beside the next one's labels."""
        verdicts = []
        for judge, seen in self._each(maps):
            code = judge(seen)
            verdicts.append((judge.judge(code, shares), judge.judge_mismatched(code, shares)))
        return verdicts

    def _each(self, maps: Sequence[Tensor]) -> Iterator[tuple[TrunkJudge, Tensor]]:
        return zip(self.judges, maps, strict=True)  # type: ignore[arg-type]


def told_apart(
    judges: nn.Module,
    real: Sequence[Tensor],
    real_shares: Tensor,
    generated: Sequence[Tensor],
    shares: Tensor,
) -> Tensor:
    """The judges' loss on real and generated pictures, beside their labels' shares, a scalar."""
    on_real = judges.with_mismatched(real, real_shares)  # type: ignore[operator]
    on_generated = judges([seen.detach() for seen in generated], shares)
    losses = [
        discriminator_loss(verdict, other, mismatched)
        for (verdict, mismatched), other in zip(on_real, on_generated, strict=True)
    ]
    return torch.stack(losses).sum()


def trunk_maps(trunk: EfficientNetTrunk, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """What the trunk sees of pictures (B, 3, H, W) in [-1, 1], each moved a little."""
    moved = shifted(pictures, SHIFT)
    side = LITE0.side
    resized = functional.interpolate(moved, (side, side), mode="bilinear", antialias=True)
    return trunk.maps(trunk.scaled(resized))


def label_shares(labels: Tensor) -> Tensor:
    """How much of each picture a label (B, H, W) covers: (B, 183) float, roots of the shares."""
    counts = torch.zeros(len(labels), CLASSES, device=labels.device)
    flat = labels.flatten(1)
    counts.scatter_add_(1, flat, torch.ones_like(flat, dtype=counts.dtype))
    return LOUDNESS * (counts / flat.shape[1]).sqrt()
