"""The numbers of CI-GAN's training, in three parts."""

from dataclasses import dataclass, field

from trecs.systems.cigan.config import CiGanConfig


@dataclass(frozen=True)
class CiGanTraining:
    """The numbers of a training; what is recalled of the authors' stands beside, unchecked."""

    networks: CiGanConfig = field(default_factory=CiGanConfig)
    steps: int = 2_750  # of all three parts
    drawing: int = 1_900  # the first, in which the generator learns
    inverting: int = 450  # those after them, in which the encoder does; the rest are the words'
    batch: int = 64  # photos of a step
    drawn: int = 8  # the part of them that judges see
    cycled: int = 32  # codes that must come back (as many as photos)
    generator_rate: float = 5e-3  # Adam's: 2.5e-3 in StyleGAN2's code
    judge_rate: float = 8e-3
    inverse_rate: float = 1e-2  # of the encoder and its judges: 1e-4
    words_rate: float = 4e-3  # AdamW's
    decay: float = 1e-2  # of weights, likewise
    settling: int = 300  # the last steps of the first part, in which the rates fall
    average: float = 0.99  # decay of the generator's averaged weights, which are what is inverted
    penalty: float = 0.3  # R1's gamma
    lazy: int = 16  # steps for one with R1
    jitter: float = 0.3  # of what judges see, see `Jitter`
    shift: float = 0.125  # likewise, see `shifted`
    pixel: float = 5.0  # weights of what the encoder loses: 1
    feature: float = 1.0  # 5e-5, of VGG's larger numbers
    believed: float = 0.1  # 0.1
    likely: float = 0.1  # before D_w
    cycle: float = 1.0
    sharpness: float = 0.05  # what squared distances of standardised codes count

    @staticmethod
    def tiny() -> "CiGanTraining":
        """The same path, small enough for tests."""
        return CiGanTraining(CiGanConfig.tiny(), steps=4, drawing=1, inverting=1, batch=2, drawn=2,
                             cycled=2, settling=0, lazy=1)  # fmt: skip

    @property
    def last(self) -> int:
        """The first step of the last part, in which the words' codes learn."""
        return self.drawing + self.inverting


def halfway(step: int, steps: int) -> float:
    """The rate's factor at a step of a part: 1 before, and from its half on falling to 0."""
    return min(1.0, max(steps - step, 0) * 2 / max(steps, 1))
