"""The numbers of AttnGAN and of the matching model (DAMSM) that teaches it."""

from dataclasses import dataclass

FIRST_SIDE = 64  # pixels of the first stage's pictures; each further stage doubles them


@dataclass(frozen=True)
class AttnGanConfig:
    """The numbers of the networks; the authors' names of them stand beside.

    `words`: a caption is cut after so many known words. The authors cut at 12 to 18, and 75 to 97
    of 100 narratives are longer than that; 64 holds 91 of 100 whole.

    `authors_mask`: attend as the authors' code does, where in a batch of B captions the padding
    of caption n hides words of another one, see `trecs.systems.parts.word_attention`.
    """

    vocabulary: int = 27_297  # words with their end mark: rows of the text encoder's table
    embedding: int = 300  # numbers of a word before the LSTM
    text: int = 256  # D: numbers of a word or sentence after it (TEXT.EMBEDDING_DIM)
    words: int = 64  # TEXT.WORDS_NUM
    width: int = 48  # channels of the generator's last layers (GAN.GF_DIM)
    noise: int = 100  # GAN.Z_DIM
    condition: int = 100  # numbers that a sentence is drawn to (GAN.CONDITION_DIM)
    residuals: int = 3  # residual blocks of a later stage (GAN.R_NUM)
    stages: int = 3  # 1 to 3: pictures of 64, 128 and 256 pixels (TREE.BRANCH_NUM)
    judge_width: int = 96  # channels of the discriminators' first layer (GAN.DF_DIM)
    authors_mask: bool = False

    def __post_init__(self) -> None:
        if self.stages not in (1, 2, 3):
            raise ValueError(f"AttnGAN has 1, 2 or 3 stages, not {self.stages}")
        if self.text % 2:
            raise ValueError(f"text is shared by two directions, so it is even, not {self.text}")

    @staticmethod
    def official() -> "AttnGanConfig":
        """The released COCO networks (13.8 M parameters of the generator), with longer texts."""
        return AttnGanConfig()

    @staticmethod
    def bundled(vocabulary: int = 3_000) -> "AttnGanConfig":
        """Small networks; with 3,000 words they take 7 MB as float16."""
        return AttnGanConfig(
            vocabulary=vocabulary,
            embedding=128,
            text=128,
            width=24,
            noise=24,
            condition=24,
            residuals=2,
            judge_width=32,
        )

    @staticmethod
    def tiny(vocabulary: int = 12) -> "AttnGanConfig":
        """The same path, small enough for tests."""
        return AttnGanConfig(
            vocabulary=vocabulary,
            embedding=6,
            text=8,
            words=6,
            width=4,
            noise=5,
            condition=3,
            residuals=1,
            judge_width=2,
        )
