"""The numbers of SD-GAN's networks."""

from dataclasses import dataclass

from trecs.systems.parts.staged_config import StagedConfig


@dataclass(frozen=True)
class SdGanConfig(StagedConfig):
    """All reconstructed, for no code is to be had: the family's names, and sizes of ours."""

    width: int = 20  # channels of every stage's map
    judge_width: int = 16  # channels of a judge's first map
    condition: int = 20  # numbers of what a sentence is drawn to
    noise: int = 16
    hidden: int = 32  # units of the perceptrons that norms ask about a sentence

    @staticmethod
    def tiny(vocabulary: int = 12) -> "SdGanConfig":
        """The same path, small enough for tests."""
        return SdGanConfig(vocabulary, 6, 8, 6, width=4, judge_width=2, condition=3, noise=5,
                           hidden=4)  # fmt: skip
