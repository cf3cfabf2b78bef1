"""All that judges pictures in a training: pixel by pixel, and whole."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from trecs.device import channels_last
from trecs.learning.judge import adversarial_loss
from trecs.synthesis.discriminator import DiscriminatorConfig, SegmentationDiscriminator
from trecs.synthesis.judges import PictureJudges, told_apart
from trecs.synthesis.losses import generated_loss, segmentation_loss


class View(NamedTuple):
    """What is seen of pictures (B, 3, H, W) in [-1, 1], and what they are to show.

    `labels`: (B, H/2, W/2) int64. `seen`: what a trunk sees at the discriminator's resolutions, or
    nothing. `maps`, `shares`: what the judges of whole pictures see, and the labels' shares
    (B, 183); None without such judges.
    """

    pictures: Tensor
    labels: Tensor
    seen: Sequence[Tensor] = ()
    maps: Sequence[Tensor] | None = None
    shares: Tensor | None = None


class Judging(nn.Module):
    """The segmentation discriminator and, where `whole`, the judges of whole pictures."""

    def __init__(self, config: DiscriminatorConfig, *, whole: bool) -> None:
        super().__init__()
        self.discriminator = channels_last(SegmentationDiscriminator(config))
        self.judges = PictureJudges() if whole else None

    def told_apart(
        self, generated: View, real: View, accuracies: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Their own losses; `accuracies` (B,) are those of the real pictures' labels."""
        verdict = self.discriminator(real.pictures, real.seen)
        losses = {"d_real": segmentation_loss(verdict, real.labels, accuracies)}
        seen = [level.detach() for level in generated.seen]
        losses["d_fake"] = generated_loss(self.discriminator(generated.pictures.detach(), seen))
        if self.judges is not None:
            assert real.maps is not None
            assert real.shares is not None
            assert generated.maps is not None
            assert generated.shares is not None
            losses["judges"] = told_apart(
                self.judges, real.maps, real.shares, generated.maps, generated.shares
            )
        return losses

    def persuaded(self, generated: View, judge_weight: float) -> dict[str, Tensor]:
        """What who drew them loses before them, who learn nothing meanwhile."""
        self.requires_grad_(False)
        verdict = self.discriminator(generated.pictures, generated.seen)
        losses = {"g_fake": segmentation_loss(verdict, generated.labels)}
        if self.judges is not None:
            believed = adversarial_loss(self.judges(generated.maps, generated.shares))
            losses["believed"] = judge_weight * believed
        self.requires_grad_(True)
        return losses
