"""DRAW (Gregor et al., ICML 2015) with captions: alignDRAW (Mansimov et al., ICLR 2016).

A decoder adds a patch to a canvas at every step; in training an encoder sees the picture and what
of it the canvas lacks. Without a caption and with a standard normal prior it is DRAW.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.aligndraw.attention import NUMBERS, Filters, Window
from trecs.systems.parts.caption_system import TextConfig

Normal = tuple[Tensor, Tensor]
"""Mean and logarithm of the deviation of a distribution, (B, Z) each."""


@dataclass(frozen=True)
class AlignDrawConfig(TextConfig):
    """The numbers of the networks; beside them those of the authors' COCO run.

    `text`: 0 for DRAW, which is told nothing and whose prior is standard normal.
    `authors_grid`: filters where the authors' code has them, see `Filters.of`.
    """

    side: int = 32  # pixels of the pictures
    channels: int = 3
    steps: int = 16  # T: 32
    glimpse: int = 8  # N of both windows: 9
    code: int = 48  # Z: 275
    encoder: int = 192  # numbers of the encoder's state: 550
    decoder: int = 192  # of the decoder's: 550
    align: int = 64  # of the alignment: 512
    authors_grid: bool = False

    def __post_init__(self) -> None:
        if self.glimpse < 2:
            raise ValueError(f"a grid has at least 2 filters a side, not {self.glimpse}")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "AlignDrawConfig":
        """The same path, small enough for tests."""
        return AlignDrawConfig(vocabulary, 6, 8, 6, side=8, steps=3, glimpse=3, code=4,
                               encoder=7, decoder=6, align=5)  # fmt: skip


class State(NamedTuple):
    """How far a drawing is."""

    canvas: Tensor  # (B, C, H, W), before the sigmoid
    hidden: Tensor  # h_dec (B, decoder)
    cell: Tensor  # (B, decoder)
    prior: Normal  # of the next step's code


class Stroke(NamedTuple):
    """One step of a drawing."""

    state: State
    window: Tensor  # (B, 5), see `Window.of`
    alignment: Tensor | None  # (B, T): the words' weights


class Decoder(nn.Module):
    """Draws: codes, drawn from a prior or what an encoder saw, to patches on a canvas."""

    def __init__(self, config: AlignDrawConfig, height: int = 0, width: int = 0) -> None:
        """Of square pictures unless height and width are given."""
        super().__init__()
        self.config = config
        self.height, self.width = height or config.side, width or config.side
        size, patch = config.decoder, config.channels * config.glimpse**2
        self.canvas = nn.Parameter(torch.zeros(1, config.channels, self.height, self.width))
        self.hidden = nn.Parameter(torch.zeros(1, size))
        self.lstm = nn.LSTMCell(config.code + config.text, size)
        self.window = nn.Linear(size, NUMBERS)
        self.patch = nn.Linear(size, patch)
        if config.text:
            self.prior = nn.Linear(size, 2 * config.code)
            self.word_align = nn.Linear(config.text, config.align, bias=False)
            self.state_align = nn.Linear(size, config.align)
            self.align = nn.Linear(config.align, 1, bias=False)

    def begin(self, batch: int) -> State:
        """Before the first step: the first code's prior is standard normal."""
        hidden = self.hidden.expand(batch, -1)
        nothing = hidden.new_zeros(batch, self.config.code)
        canvas = self.canvas.expand(batch, -1, -1, -1)
        return State(canvas, hidden, torch.zeros_like(hidden), (nothing, nothing))

    def stroke(self, state: State, code: Tensor, words: Tensor | None, padding: Tensor) -> Stroke:
        """The next step with a code (B, Z), by words (B, D, T), of which padding hides some."""
        alignment, told = None, code
        if words is not None:
            alignment = self.aligned(state.hidden, words, padding)
            told = torch.cat([code, torch.einsum("bt,bdt->bd", alignment, words)], 1)
        hidden, cell = self.lstm(told, (state.hidden, state.cell))
        numbers = self.window(hidden)
        patch = self.patch(hidden).unflatten(1, (self.config.channels, *[self.config.glimpse] * 2))
        canvas = state.canvas + self.filters(numbers).write(patch)
        prior = state.prior
        if words is not None:
            mean, log_sigma = self.prior(hidden).tanh().chunk(2, 1)
            prior = mean, log_sigma
        return Stroke(State(canvas, hidden, cell, prior), numbers, alignment)

    def aligned(self, hidden: Tensor, words: Tensor, padding: Tensor) -> Tensor:
        """alpha (B, T): softmax over words of v tanh(U h_lang + W h_dec + b) (equation 2)."""
        keys = self.word_align(words.mT) + self.state_align(hidden)[:, None]  # (B, T, align)
        scores = self.align(keys.tanh()).squeeze(2)
        return scores.masked_fill(padding, -torch.inf).softmax(1)

    def filters(self, numbers: Tensor) -> Filters:
        """Those of a window's numbers (B, 5)."""
        height, width, count = self.height, self.width, self.config.glimpse
        window = Window.of(numbers, height, width, count)
        return Filters.of(window, height, width, count, authors=self.config.authors_grid)

    def draw(self, noise: Tensor, words: Tensor | None, padding: Tensor) -> Iterator[Stroke]:
        """A drawing from the prior, step by step, with noise (steps, B, Z)."""
        state = self.begin(noise.shape[1])
        for one in noise:
            mean, log_sigma = state.prior
            stroke = self.stroke(state, mean + log_sigma.exp() * one, words, padding)
            yield stroke
            state = stroke.state


class Encoder(nn.Module):
    """Sees, in training, a picture and what the canvas lacks of it."""

    def __init__(self, config: AlignDrawConfig) -> None:
        super().__init__()
        size, glimpses = config.encoder, 2 * config.channels * config.glimpse**2
        self.hidden = nn.Parameter(torch.zeros(1, size))
        self.window = nn.Linear(config.decoder, NUMBERS)
        self.lstm = nn.LSTMCell(glimpses + config.decoder, size)
        self.mean = nn.Linear(size, config.code)
        self.log_sigma = nn.Linear(size, config.code)

    def begin(self, batch: int) -> tuple[Tensor, Tensor]:
        """State and cell before the first step."""
        hidden = self.hidden.expand(batch, -1)
        return hidden, torch.zeros_like(hidden)

    def forward(
        self, read: Tensor, hidden: Tensor, past: tuple[Tensor, Tensor]
    ) -> tuple[tuple[Tensor, Tensor], Normal]:
        """What glimpses (B, R) and the decoder's state (B, decoder) say of the next code."""
        past = self.lstm(torch.cat([read, hidden], 1), past)
        return past, (self.mean(past[0]), self.log_sigma(past[0]))


class Seen(NamedTuple):
    """One step of a drawing of a picture that is seen."""

    stroke: Stroke
    read: Tensor  # glimpses (B, R) of the picture, then of what the canvas lacks
    window: Tensor  # (B, 5), through which was read
    posterior: Normal
    prior: Normal


def redraw(
    encoder: Encoder,
    decoder: Decoder,
    pictures: Tensor,
    noise: Tensor,
    words: Tensor | None,
    padding: Tensor,
) -> Iterator[Seen]:
    """Draws pictures (B, C, H, W) in [0, 1] that the encoder sees, with noise (steps, B, Z).

    DRAW, equations 3 to 8; alignDRAW, equations 1 to 5.
    """
    state = decoder.begin(len(pictures))
    past = encoder.begin(len(pictures))
    for one in noise:
        lacking = pictures - state.canvas.sigmoid()
        window = encoder.window(state.hidden)
        filters = decoder.filters(window)
        glimpses = filters.read(torch.cat([pictures, lacking], 1)).flatten(1)
        past, (mean, log_sigma) = encoder(glimpses, state.hidden, past)
        code = mean + log_sigma.exp() * one
        stroke = decoder.stroke(state, code, words, padding)
        yield Seen(stroke, glimpses, window, (mean, log_sigma), state.prior)
        state = stroke.state
