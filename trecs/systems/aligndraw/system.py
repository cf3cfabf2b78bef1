"""Draws captions with a trained alignDRAW, step by step."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from trecs.systems.aligndraw.attention import Window
from trecs.systems.aligndraw.language import CaptionEncoder
from trecs.systems.aligndraw.network import AlignDrawConfig, Decoder, Stroke
from trecs.systems.interface import Drawing, Frame, WordAttention
from trecs.systems.parts.caption_system import CaptionSystem, TextConfig, Told, pixels
from trecs.systems.parts.text_encoder import TextEncoder
from trecs.systems.parts.vocabulary import Caption


class AlignDraw(CaptionSystem):
    """Draws patch after patch, each by the words that it attends to."""

    kind, title, config_type = "aligndraw", "alignDRAW", AlignDrawConfig

    @classmethod
    def made(cls, config: AlignDrawConfig) -> nn.Module:
        """The decoder."""
        return Decoder(config)

    @classmethod
    def text_encoder(cls, config: TextConfig) -> TextEncoder:
        """Its own, whose first state is learnt."""
        return CaptionEncoder(config.vocabulary, config.embedding, config.text)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture, what the canvas was after each step, and by which words it was written."""
        decoder = self.networks.generator
        assert isinstance(decoder, Decoder)
        config = decoder.config
        noise = torch.randn(config.steps, 1, config.code, generator=generator)
        strokes = list(decoder.draw(noise.to(told.words), told.words, told.padding))
        frames = tuple(_frame(stroke, config) for stroke in strokes)
        attention = _attention(strokes, decoder.begin(1).canvas, caption.words)
        return Drawing(frames[-1].picture, attention=attention, frames=frames)


def _frame(stroke: Stroke, config: AlignDrawConfig) -> Frame:
    """The canvas after a step, and the square in which its filters have their centres."""
    window = Window.of(stroke.window, config.side, config.side, config.glimpse)
    reach = window.stride.item() * (config.glimpse - 1) / 2 + 0.5  # to the pixels' outer edges
    x, y = (centre.item() - 0.5 for centre in (window.x, window.y))  # pixels count from 1
    edges = x - reach, y - reach, x + reach, y + reach
    left, top, right, bottom = (edge / config.side for edge in edges)
    picture = pixels(stroke.state.canvas[0].sigmoid() * 2 - 1)
    return Frame(picture, (left, top, right, bottom))


def _attention(strokes: Sequence[Stroke], canvas: Tensor, words: Sequence[str]) -> WordAttention:
    """By which words each place was written (reconstructed, to be looked at).

    A place's shares are the words' weights at each step, weighted by how much it changed then.
    """
    total, written = torch.zeros(()), torch.zeros(())
    for stroke in strokes:
        ink = (stroke.state.canvas - canvas).abs().sum((0, 1)).cpu() + 1e-6  # (S, S)
        assert stroke.alignment is not None
        total = total + stroke.alignment[0].cpu()[:, None, None] * ink
        written, canvas = written + ink, stroke.state.canvas
    maps = (total / written).numpy().astype(np.float32)
    return WordAttention(tuple(words), {f"{len(strokes)} steps": maps})
