"""The numbers of CI-GAN's networks, and of an edit."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig

SMALLEST = 4  # places a side of the constant that a picture begins as
SEEN = 40  # channels of what the frozen trunk sees, of an eighth of the picture's side


@dataclass(frozen=True)
class CiGanConfig(TextConfig):
    """What is recalled of the authors' numbers stands beside, unchecked."""

    code: int = 48  # numbers of a noise z and of a code w: 512
    mapping: int = 3  # layers from z to w: 8
    widths: tuple[int, ...] = (48, 48, 40, 32, 16)  # of the maps of 4 x 4 places and more
    judge_widths: tuple[int, ...] = (16, 32, 48, 64, 64)  # of a judge's, the largest first
    encoder_width: int = 32  # channels of the inversion encoder's own layers
    told: int = 128  # hidden numbers between a sentence and its code
    frames: int = 12  # pictures on the way from the mean code to the words'
    edit_steps: int = 60  # of the search for an edited code
    edit_rate: float = 0.05  # of its Adam, in deviations of a code
    edit_words: float = 1.0  # weight of how far the code is from that of the words
    edit_picture: float = 1.0  # weight of how far the picture is from the first one

    def __post_init__(self) -> None:
        if len(self.widths) < 3 or len(self.judge_widths) != len(self.widths):
            raise ValueError("'widths' and 'judge_widths' are of equally many maps, at least 3")
        if self.frames < 2:
            raise ValueError(f"'frames' are both ends at least, so at least 2, not {self.frames}")
        if self.edit_steps < 1:
            raise ValueError(f"'edit_steps' are at least 1, not {self.edit_steps}")

    @property
    def side(self) -> int:
        """Pixels of a picture."""
        return SMALLEST << len(self.widths) - 1

    @staticmethod
    def tiny(vocabulary: int = 12) -> "CiGanConfig":
        """The same path, small enough for tests."""
        return CiGanConfig(vocabulary, 6, 8, 6, code=5, mapping=2, widths=(4, 4, 3, 3, 2),
                           judge_widths=(2, 2, 3, 3, 4), encoder_width=4, told=6, frames=3,
                           edit_steps=3)  # fmt: skip
