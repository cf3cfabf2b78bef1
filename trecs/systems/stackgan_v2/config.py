"""The numbers of StackGAN-v2's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.trunk import SMALLEST


@dataclass(frozen=True)
class StackGanV2Config(TextConfig):
    """The authors' names of the numbers, and what they take for birds, beside."""

    width: int = 20  # channels of the first stage's map; each further one has half (GF_DIM: 64)
    judge_width: int = 24  # DF_DIM: 64
    condition: int = 16  # EMBEDDING_DIM: 128
    noise: int = 20  # Z_DIM: 100
    blocks: int = 2  # R_NUM: 2
    first: int = 16  # pixels a side of the first stage's pictures; each doubles them: 64
    stages: int = 3  # BRANCH_NUM: 3

    def __post_init__(self) -> None:
        if self.first <= SMALLEST or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two above {SMALLEST}, not {self.first}")
        if self.stages < 1 or self.width % (1 << self.stages - 1):
            raise ValueError(f"a width of {self.width} is not halved by {self.stages} stages")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "StackGanV2Config":
        """The same path, small enough for tests."""
        return StackGanV2Config(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                                blocks=1)  # fmt: skip

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
