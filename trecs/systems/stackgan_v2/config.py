"""The numbers of StackGAN-v2's networks."""

from dataclasses import dataclass

from trecs.systems.parts.staged_config import StagedConfig


@dataclass(frozen=True)
class StackGanV2Config(StagedConfig):
    """The authors take for birds what stands beside, and have three stages, the first of 64."""

    width: int = 20  # channels of the first stage's map; each further one has half: 64
    judge_width: int = 24  # 64
    condition: int = 16  # 128
    noise: int = 20  # 100
    blocks: int = 2  # residual blocks of a later stage (R_NUM): 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % (1 << self.stages - 1):
            raise ValueError(f"a width of {self.width} is not halved by {self.stages} stages")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "StackGanV2Config":
        """The same path, small enough for tests."""
        return StackGanV2Config(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                                blocks=1)  # fmt: skip
