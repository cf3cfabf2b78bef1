"""The numbers of DM-GAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.staged_config import StagedConfig


@dataclass(frozen=True)
class DmGanConfig(StagedConfig):
    """The authors take for birds what stands beside, and have three stages, the first of 64.

    A memory slot has twice the `width` (N_m), a key as many numbers as it (N_r).
    """

    width: int = 16  # 64
    judge_width: int = 16  # 32
    condition: int = 20  # 100
    noise: int = 20  # 100
    blocks: int = 1  # residual blocks of a later stage (R_NUM): 2, COCO 3

    @staticmethod
    def tiny(vocabulary: int = 12) -> "DmGanConfig":
        """The same path, small enough for tests."""
        return DmGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5)
