"""The dual encoder's sizes."""

from dataclasses import dataclass

from segmentation.labels import COUNT


@dataclass(frozen=True)
class EncoderConfig:
    """The dual encoder's sizes; the defaults are the bundled checkpoint's."""

    words: int  # in the vocabulary, without the unknown word
    word_width: int = 96
    width: int = 128
    heads: int = 4
    learned: int = 64  # numbers of a vector that stand for no label
    label_share: float = 0.85  # of a similarity; the learned part alone knows its scenes by heart

    @property
    def dimension(self) -> int:
        """The length of a vector: a number for every label, then the learned ones."""
        return COUNT + self.learned

    @staticmethod
    def tiny(words: int) -> "EncoderConfig":
        """The same networks, small enough for tests."""
        return EncoderConfig(words, word_width=8, width=8, heads=2, learned=6)
