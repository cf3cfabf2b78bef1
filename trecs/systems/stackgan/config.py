"""The numbers of StackGAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig

SMALLEST = 4  # places a side where the first stage begins, and where judges end


@dataclass(frozen=True)
class StackGanConfig(TextConfig):
    """The authors' names of the numbers, and what they take for COCO, beside.

    `stages`: how many have been trained.
    """

    width: int = 10  # GF_DIM: 192
    judge_width: int = 24  # DF_DIM: 96
    least: int = 16  # channels that no stage goes below, which halves them (none)
    condition: int = 64  # CONDITION_DIM: 128
    noise: int = 64  # Z_DIM: 100
    blocks: int = 2  # R_NUM: 2
    slope: float = 0.2  # of the leaky ReLU of the augmentation: 0
    small: int = 32  # pixels of the first stage's pictures: 64
    side: int = 64  # of the second's: 256
    stages: int = 2

    def __post_init__(self) -> None:
        for what, side in (("small", self.small), ("side", self.side)):
            if side < SMALLEST or side & side - 1:
                raise ValueError(f"'{what}' is a power of two, at least {SMALLEST}, not {side}")
        if not (self.small < self.side and self.small > SMALLEST and self.stages in (1, 2)):
            raise ValueError("of one or two stages, the second draws larger pictures")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "StackGanConfig":
        """The same path, small enough for tests."""
        return StackGanConfig(vocabulary, 6, 8, 6, width=2, judge_width=2, least=2, condition=3,
                              noise=5, blocks=1)  # fmt: skip


def halvings(side: int, smallest: int = SMALLEST) -> int:
    """How often a side is halved."""
    return (side // smallest).bit_length() - 1
