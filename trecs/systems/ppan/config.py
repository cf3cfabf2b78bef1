"""The numbers of PPAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig

SMALLEST = 4  # places a side of the first map


@dataclass(frozen=True)
class PpanConfig(TextConfig):
    """What the paper says of a number, beside; no other is known."""

    width: int = 8  # channels of the path's last map; each smaller one has twice as many
    pyramid: int = 16  # channels of every level of the pyramid
    judge_width: int = 24  # a quarter of the channels of a judge's code
    encoded: int = 96  # channels of the judges' maps of 8x8 places
    condition: int = 20  # 128
    noise: int = 14  # 100
    first: int = 16  # pixels a side of the smallest pictures; each next one doubles them: 64
    levels: int = 3  # of the pyramid, each with a picture: 3

    def __post_init__(self) -> None:
        if self.first < 16 or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two of at least 16, not {self.first}")
        if self.levels < 1:
            raise ValueError(f"a pyramid has at least 1 of 'levels', not {self.levels}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "PpanConfig":
        """The same path, small enough for tests."""
        return PpanConfig(vocabulary, 6, 8, 6, width=2, pyramid=4, judge_width=2, encoded=8,
                          condition=3, noise=5)  # fmt: skip

    @property
    def sides(self) -> tuple[int, ...]:
        """Pixels a side of the pictures, the smallest first."""
        return tuple(self.first << level for level in range(self.levels))

    @property
    def side(self) -> int:
        """Pixels a side of the largest pictures."""
        return self.sides[-1]
