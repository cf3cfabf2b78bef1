"""The numbers of HDGAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig

SMALLEST = 4  # places a side of the first map
NARROWED = 8, 32, 128, 256  # sides at which a map has half the channels; at others it keeps them


@dataclass(frozen=True)
class HdGanConfig(TextConfig):
    """The authors' names of the numbers, and what they take for birds, beside."""

    width: int = 8  # an eighth of the first map's channels (hid_dim: 128)
    judge_width: int = 24  # a quarter of a code's channels (hid_dim: 128)
    encoded: int = 96  # channels of the judges' maps of 8x8 places: 512
    condition: int = 20  # emb_dim: 128
    noise: int = 14  # noise_dim: 100
    blocks: int = 1  # num_resblock: 1
    first: int = 16  # pixels a side of the smallest pictures; each next one doubles them: 64
    stages: int = 3  # sides of which there are pictures: 3

    def __post_init__(self) -> None:
        if self.first < 16 or self.first & self.first - 1:
            raise ValueError(f"'first' is a power of two of at least 16, not {self.first}")
        if self.stages < 1 or self.channels(self.side) < 1:
            raise ValueError(f"a width of {self.width} is not halved up to {self.side} pixels")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "HdGanConfig":
        """The same path, small enough for tests."""
        return HdGanConfig(vocabulary, 6, 8, 6, width=2, judge_width=2, encoded=8, condition=3,
                           noise=5)  # fmt: skip

    @property
    def sides(self) -> tuple[int, ...]:
        """Pixels a side of the pictures, the smallest first."""
        return tuple(self.first << stage for stage in range(self.stages))

    @property
    def side(self) -> int:
        """Pixels a side of the largest pictures."""
        return self.sides[-1]

    def channels(self, side: int) -> int:
        """Those of the map of so many places a side."""
        return self.width * 8 >> sum(narrowed <= side for narrowed in NARROWED)
