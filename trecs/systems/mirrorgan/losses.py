"""The loss of MirrorGAN's generator, a pure function; the judges' is AttnGAN's.

Where the paper and the authors' code differ, the code holds, and the docstring says so.
"""

from collections.abc import Sequence

from torch import Tensor

from trecs.learning.judge import Verdict, adversarial_loss
from trecs.systems.parts.conditioning import kl_loss

LAMBDA = 10.0  # weight of the text that is read back, of the authors' configuration for birds


def generator_loss(
    verdicts: Sequence[Verdict],
    read_back: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    *,
    weight: float = LAMBDA,
) -> Tensor:
    """L_G (section 3.4) and the conditions' divergence, a scalar.

    `verdicts`: of each stage's pictures, summed without the paper's halves; `read_back`: the
    caption loss of the last stage's; `mean` and `log_variance` (B, C): of the conditions, see
    `kl_loss`, a term that the paper does not write down.
    """
    return adversarial_loss(verdicts) + weight * read_back + kl_loss(mean, log_variance)
