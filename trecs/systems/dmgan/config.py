"""The numbers of DM-GAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.trunk import SMALLEST


@dataclass(frozen=True)
class DmGanConfig(TextConfig):
    """The authors' names of the numbers, and what they take for birds, beside.

    A memory slot has twice the `width` (N_m), a key as many numbers as it (N_r).
    """

    width: int = 16  # channels of every stage's map (GF_DIM: 64)
    judge_width: int = 16  # DF_DIM: 32
    condition: int = 20  # CONDITION_DIM: 100
    noise: int = 20  # Z_DIM: 100
    blocks: int = 1  # residual blocks of a later stage (R_NUM: 2, COCO 3)
    first: int = 16  # pixels a side of the first stage's pictures; each doubles them: 64
    stages: int = 3  # BRANCH_NUM: 3

    def __post_init__(self) -> None:
        if self.first <= SMALLEST or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two above {SMALLEST}, not {self.first}")
        if self.stages < 1:
            raise ValueError(f"a generator has at least one stage, not {self.stages}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "DmGanConfig":
        """The same path, small enough for tests."""
        return DmGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5)

    @property
    def sides(self) -> tuple[int, ...]:
        """Pixels a side of the stages' pictures."""
        return tuple(self.first << stage for stage in range(self.stages))

    @property
    def side(self) -> int:
        """Pixels a side of the last stage's pictures."""
        return self.sides[-1]


def halvings(side: int) -> int:
    """How often the smallest side doubles to this one."""
    return (side // SMALLEST).bit_length() - 1
