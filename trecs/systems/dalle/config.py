"""The numbers of DALL-E's discrete VAE and of its transformer."""

from dataclasses import dataclass, fields

from trecs.systems.parts.caption_system import TextConfig

SHRUNK = 8  # pixels of a picture that one token stands for, a side
KINDS = ("full", "row", "column", "convolution")  # of attention


@dataclass(frozen=True)
class DvaeConfig:
    """Those of the VAE; what the authors released has `official()`."""

    codes: int = 512  # K, of which a token is one
    looking: int = 12  # channels of the encoder's first group, an eighth of the last one's
    hidden: int = 16  # of the decoder's last group, likewise
    first: int = 32  # of the decoder's codes
    blocks: int = 1  # of each of the four groups

    @staticmethod
    def official() -> "DvaeConfig":
        """That of encoder.pkl and decoder.pkl."""
        return DvaeConfig(8192, 256, 256, 128, 2)


@dataclass(frozen=True)
class DalleConfig(DvaeConfig, TextConfig):
    """Both; what the paper's transformer has stands beside.

    Words are numbered as the DAMSM's, of which it knows the first, the most frequent ones; it reads
    them itself, so that `embedding` and `text` of a text encoder count for nothing.
    """

    vocabulary: int = 800  # 16,384 word pieces
    words: int = 24  # T, that are read: 256 word pieces
    side: int = 64  # pixels of a picture: 256
    width: int = 128  # of the transformer: 3968
    heads: int = 4  # 62
    inner: int = 160  # channels of a feed-forward layer: four times the width
    attention: tuple[str, ...] = ("row", "column", "convolution")  # of 64 layers
    kernel: int = 5  # places a side that a convolution sees: 11
    temperature: float = 1.0  # of sampling (1)
    candidates: int = 32  # that are ranked: 512

    @property
    def vae(self) -> DvaeConfig:
        """The VAE's alone."""
        return DvaeConfig(**{one.name: getattr(self, one.name) for one in fields(DvaeConfig)})

    def __post_init__(self) -> None:
        if self.side < SHRUNK or self.side % SHRUNK:
            raise ValueError(f"'side' is a multiple of {SHRUNK}, not {self.side}")
        if unknown := set(self.attention) - set(KINDS):
            raise ValueError(f"'attention' is of {', '.join(KINDS)}, not {', '.join(unknown)}")
        if self.heads < 1 or self.width % self.heads:
            raise ValueError(f"'width' is a multiple of 'heads', not {self.width} of {self.heads}")
        if self.candidates < 1:
            raise ValueError(f"'candidates' are at least 1, not {self.candidates}")
        if self.temperature <= 0:
            raise ValueError(f"'temperature' is above 0, not {self.temperature}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "DalleConfig":
        """The same path, small enough for tests."""
        return DalleConfig(vocabulary, 1, 1, 6, codes=7, looking=4, hidden=4, first=4, side=16,
                           width=8, heads=2, inner=8, kernel=3, candidates=3)  # fmt: skip

    @property
    def places(self) -> int:
        """Tokens a side of a picture."""
        return self.side // SHRUNK
