"""The numbers of ControlGAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.staged_config import StagedConfig


@dataclass(frozen=True)
class ControlGanConfig(StagedConfig):
    """The authors take for birds what stands beside, and have three stages, the first of 64.

    The sides are part of the networks: channel attention has a value for every place of a map.
    """

    width: int = 12  # 32, COCO 48
    judge_width: int = 16  # 64, COCO 96
    condition: int = 12  # 100
    noise: int = 12  # 100
    blocks: int = 1  # residual blocks of a later stage (R_NUM): 2, COCO 3

    @staticmethod
    def tiny(vocabulary: int = 12) -> "ControlGanConfig":
        """The same path, small enough for tests."""
        return ControlGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5)
