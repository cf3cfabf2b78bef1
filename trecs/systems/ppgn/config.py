"""The numbers of PPGN's networks and of its sampler."""

from dataclasses import dataclass

from trecs.systems.parts.caption_system import TextConfig

SHRUNK = 16  # pixels of a picture that one place of the code stands for, a side


@dataclass(frozen=True)
class PpgnConfig(TextConfig):
    """What the authors have stands beside."""

    side: int = 64  # pixels of a picture: 256
    code: int = 16  # numbers of a code at each of its places: 4096 in all, of AlexNet's fc6
    widths: tuple[int, ...] = (80, 60, 44, 28, 16)  # of G's maps, of 4 x 4 places and more
    seen: tuple[int, ...] = (32, 48, 64, 96, 64)  # of the maps of E and C: AlexNet's
    match: int = 64  # numbers of a picture and of a sentence where they are compared
    bank: int = 32  # sentences beside which one is told: 1000 classes
    judge_width: int = 24
    updates: int = 60  # 200
    first_step: float = 0.15  # 1
    last_step: float = 0.005  # 1, and 1e-10 for captions
    prior: float = 1.0  # epsilon 1: 1e-5, and 1e-3 for captions
    condition: float = 30.0  # epsilon 2: 1
    noise: float = 0.3  # epsilon 3: 1e-17
    bound: float = 3.0  # of a code's numbers, which are about normal: 0 to 30

    def __post_init__(self) -> None:
        if self.side < SHRUNK or self.side % SHRUNK:
            raise ValueError(f"'side' is a multiple of {SHRUNK}, not {self.side}")
        if len(self.widths) != 5 or len(self.seen) != 5:
            raise ValueError("'widths' and 'seen' are of five maps each")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "PpgnConfig":
        """The same path, small enough for tests."""
        return PpgnConfig(vocabulary, 6, 8, 6, code=3, widths=(6, 4, 4, 4, 4), seen=(4,) * 5,
                          match=4, bank=5, judge_width=2, updates=4)  # fmt: skip

    @property
    def places(self) -> int:
        """Places a side of a code."""
        return self.side // SHRUNK
