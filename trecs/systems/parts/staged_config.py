"""The numbers of generators that draw in stages, by the names that AttnGAN's authors gave them."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.trunk import SMALLEST


@dataclass(frozen=True)
class StagedConfig(TextConfig):
    """What a first stage draws of a sentence, each later one draws twice as large."""

    width: int = 16  # channels of every stage's map (GF_DIM)
    judge_width: int = 16  # DF_DIM
    condition: int = 16  # CONDITION_DIM
    noise: int = 16  # Z_DIM
    first: int = 16  # pixels a side of the first stage's pictures; each doubles them
    stages: int = 3  # BRANCH_NUM

    def __post_init__(self) -> None:
        if self.first <= SMALLEST or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two above {SMALLEST}, not {self.first}")
        if self.stages < 1:
            raise ValueError(f"there is one stage at least, not {self.stages}")

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
        return halvings(self.first)


def halvings(side: int) -> int:
    """How often the smallest side doubles to this one."""
    return (side // SMALLEST).bit_length() - 1
