"""The numbers of MirrorGAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.trunk import SMALLEST


@dataclass(frozen=True)
class MirrorGanConfig(TextConfig):
    """The authors' names of the numbers, and what they take for birds, beside."""

    width: int = 16  # channels of every stage's map (GF_DIM: 32)
    judge_width: int = 16  # DF_DIM: 64
    condition: int = 16  # CONDITION_DIM: 100
    noise: int = 16  # Z_DIM: 100
    blocks: int = 1  # residual blocks of a later stage (R_NUM: 2)
    first: int = 16  # pixels a side of the first stage's pictures; each doubles them: 64
    stages: int = 3  # BRANCH_NUM: 3

    def __post_init__(self) -> None:
        if self.first <= SMALLEST or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two above {SMALLEST}, not {self.first}")
        if self.stages < 1:
            raise ValueError(f"there is one stage at least, not {self.stages}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "MirrorGanConfig":
        """The same path, small enough for tests."""
        return MirrorGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                               blocks=1)  # fmt: skip

    @property
    def sides(self) -> tuple[int, ...]:
        """Pixels a side of the stages' pictures."""
        return tuple(self.first << stage for stage in range(self.stages))

    @property
    def side(self) -> int:
        """Pixels a side of the last stage's pictures."""
        return self.sides[-1]

    @property
    def doublings(self) -> int:
        """How often the first stage doubles its smallest map."""
        return (self.first // SMALLEST).bit_length() - 1
