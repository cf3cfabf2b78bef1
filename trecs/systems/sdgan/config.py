"""The numbers of SD-GAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig
from trecs.systems.parts.trunk import SMALLEST


@dataclass(frozen=True)
class SdGanConfig(TextConfig):
    """All reconstructed, for no code is to be had: the family's names, and sizes of ours."""

    width: int = 20  # channels of every stage's map
    judge_width: int = 16  # channels of a judge's first map
    condition: int = 20  # numbers of what a sentence is drawn to
    noise: int = 16
    hidden: int = 32  # units of the perceptrons that norms ask about a sentence
    first: int = 16  # pixels a side of the first stage's pictures; each doubles them (paper: 64)
    stages: int = 3

    def __post_init__(self) -> None:
        if self.first <= SMALLEST or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two above {SMALLEST}, not {self.first}")
        if self.stages < 1:
            raise ValueError(f"a generator has at least one stage, not {self.stages}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "SdGanConfig":
        """The same path, small enough for tests."""
        return SdGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                           hidden=4)  # fmt: skip

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
