"""The numbers of MirrorGAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.staged_config import StagedConfig


@dataclass(frozen=True)
class MirrorGanConfig(StagedConfig):
    """The authors take for birds what stands beside, and have three stages, the first of 64."""

    width: int = 16  # 32
    judge_width: int = 16  # 64
    condition: int = 16  # 100
    noise: int = 16  # 100
    blocks: int = 1  # residual blocks of a later stage (R_NUM): 2

    @staticmethod
    def tiny(vocabulary: int = 12) -> "MirrorGanConfig":
        """The same path, small enough for tests."""
        return MirrorGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                               blocks=1)  # fmt: skip
