"""The losses of the generator's training, as pure functions."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from segmentation.labels import COUNT
from trecs.synthesis.condition import CLASSES

GENERATED = CLASSES
"""The discriminator's class for pixels of generated pictures."""


def balance(labels: Tensor) -> Tensor:
    """A weight for every pixel that evens out frequent and rare labels, mean 1 over labeled ones.

    `labels` (B, H, W) int64; unlabeled pixels weigh 0. OASIS (eq. 1) divides by a label's
    frequency in the batch; reconstructed: by the square root of it, since with small batches a
    sliver of a rare label would otherwise outweigh a picture.
    """
    counts = torch.bincount(labels.flatten(), minlength=CLASSES).float()
    weights = counts.clamp(min=1).rsqrt()
    weights[COUNT] = 0
    pixels = weights[labels]
    return pixels * (labels != COUNT).sum() / pixels.sum().clamp(min=1e-6)


def segmentation_loss(logits: Tensor, labels: Tensor, accuracies: Tensor | None = None) -> Tensor:
    """Balanced cross entropy between logits (B, 184, H, W) and labels (B, H, W), a scalar.

    The discriminator's loss on real pictures and the generator's on its own (OASIS, eq. 1, 2).
    `accuracies` (B,): how much each picture weighs, for the share of its labels that is expected
    to be right (reconstructed); left out, all weigh 1.
    """
    entropy = functional.cross_entropy(logits.float(), labels, reduction="none")
    weights = balance(labels)
    if accuracies is not None:
        weights = weights * accuracies[:, None, None]
    return (entropy * weights).mean()


def generated_loss(logits: Tensor) -> Tensor:
    """Cross entropy of naming every pixel 'generated' (OASIS, eq. 1): a scalar."""
    target = torch.full_like(logits[:, 0], GENERATED, dtype=torch.long)
    return functional.cross_entropy(logits.float(), target)


def feature_loss(generated: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of feature maps, averaged over layers (Johnson et al., 2016)."""
    layers = [
        functional.l1_loss(a.float(), b.detach().float())
        for a, b in zip(generated, real, strict=True)
    ]
    return torch.stack(layers).mean()


def style_loss(generated: Sequence[Tensor], real: Sequence[Tensor], windows: int = 2) -> Tensor:
    """Mean absolute difference of Gram matrices, averaged over layers (Gatys et al., CVPR 2016).

    Reconstructed: each feature map is cut into `windows` x `windows` parts that are compared one
    by one, so that the texture is right where it belongs. It rewards grain that the feature loss,
    which wants every detail in its place, smooths away.
    """
    layers = [
        functional.l1_loss(_gram(a, windows), _gram(b.detach(), windows))
        for a, b in zip(generated, real, strict=True)
    ]
    return torch.stack(layers).mean()


def _gram(features: Tensor, windows: int) -> Tensor:
    """The Gram matrix of each window of features (B, C, H, W): (B, windows**2, C, C)."""
    batch, channels, height, width = features.shape
    rows, columns = height // windows, width // windows
    cut = features.float().reshape(batch, channels, windows, rows, windows, columns)
    cut = cut.permute(0, 2, 4, 1, 3, 5).reshape(batch, windows**2, channels, rows * columns)
    return cut @ cut.transpose(2, 3) / (rows * columns)


def colour_loss(generated: Tensor, real: Tensor, blocks: Sequence[int] = (4, 16)) -> Tensor:
    """Mean absolute difference of pictures (B, 3, H, W), averaged over `blocks` of pixels a side.

    Reconstructed: it fixes the colours of regions early on and leaves their texture to the
    discriminator; small blocks keep out the garish streaks that pretrained features do not mind.
    """
    difference = generated.float() - real.float()
    return torch.stack([functional.avg_pool2d(difference, b).abs().mean() for b in blocks]).mean()
