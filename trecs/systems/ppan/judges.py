"""PPAN's three judges (Gao et al., AAAI 2019): of pairs and patches, and the last of classes.

Reconstructed: they are HDGAN's, on whose scores the paper measures itself; the last one's head of
classes looks at what TAC-GAN's does, the picture and its sentence as one.
"""

from torch import Tensor, nn

from trecs.systems.parts.least_squares import Scores
from trecs.systems.parts.nested_judges import WINDOW, NestedJudges
from trecs.systems.ppan.config import PpanConfig


class Judges(NestedJudges):
    """One for each level's pictures; that of the largest names a class, too."""

    def __init__(self, config: PpanConfig, classes: int) -> None:
        super().__init__(
            config.sides,
            text=config.text,
            told=config.condition,
            encoded=config.encoded,
            width=config.judge_width,
        )
        self.classes = nn.Linear(config.judge_width * 4 * WINDOW**2, classes)

    def judge_and_name(self, code: Tensor, sentence: Tensor) -> tuple[Scores, Tensor]:
        """Scores and class logits (B, C) of codes of the largest pictures beside sentences."""
        side = self.sides[-1]
        joint = self.joint(side, code, sentence)
        return self.scores(side, code, joint), self.classes(joint.flatten(1))
