"""Systems that draw words by one trained network: how they are kept, told and asked.

A system of this kind says which `config_type` it has, makes its network of one (`made`), and
paints what a text encoder read (`paint`).
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from files.weights import halved, load_config, load_module, save_weights
from trecs.narrative import Narrative
from trecs.systems.interface import Drawing, Frame, Home, System, WordAttention
from trecs.systems.parts.text_encoder import TextBatch, TextEncoder
from trecs.systems.parts.vocabulary import Caption, CaptionVocabulary

Kind = TypeVar("Kind", bound="CaptionSystem")


@dataclass(frozen=True)
class TextConfig:
    """The numbers of a text encoder, with which a system's begin; those of the bundled DAMSM."""

    vocabulary: int = 1_985  # words with their end mark
    embedding: int = 128  # numbers of a word before the LSTM
    text: int = 128  # D: numbers of a word or sentence after it
    words: int = 64  # a caption is cut after so many known words


class Told(NamedTuple):
    """What a text encoder read of captions."""

    words: Tensor  # (B, D, T)
    sentence: Tensor  # (B, D)
    padding: Tensor  # (B, T) bool, true where there is no word


class CaptionNetworks(nn.Module):
    """A text encoder and what draws by it, with random weights."""

    def __init__(self, config: TextConfig, text_encoder: nn.Module, generator: nn.Module) -> None:
        super().__init__()
        self.config, self.text_encoder, self.generator = config, text_encoder, generator

    def read(self, batch: TextBatch) -> Told:
        """What the text encoder makes of captions."""
        words, sentence = self.text_encoder(batch.numbers, batch.lengths)
        return Told(words, sentence, batch.padding)


class CaptionSystem(System):
    """Draws the words that its vocabulary knows; it sees no trace."""

    kind: ClassVar[str]
    title: ClassVar[str]
    config_type: ClassVar[type[Any]]

    def __init__(self, networks: CaptionNetworks, vocabulary: CaptionVocabulary) -> None:
        vocabulary.check(networks.config.vocabulary)
        self.networks = networks.eval().requires_grad_(False)
        self.vocabulary = vocabulary

    @classmethod
    @abstractmethod
    def made(cls, config: Any) -> nn.Module:
        """What draws, of random weights."""

    @abstractmethod
    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """Draws one caption; the noise is the generator's, on the CPU."""

    @classmethod
    def text_encoder(cls, config: TextConfig) -> nn.Module:
        """What reads, of random weights."""
        return TextEncoder(config.vocabulary, config.embedding, config.text)

    @classmethod
    def networks_of(cls, config: TextConfig) -> CaptionNetworks:
        """Both, of random weights."""
        return CaptionNetworks(config, cls.text_encoder(config), cls.made(config))

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their vocabulary."""
        return (home.part(cls.kind, cls.title),)

    @classmethod
    def load(cls: type[Kind], home: Home, device: str) -> Kind:
        """Loads the weights."""
        (folder,) = cls.parts(home)
        return cls.read(folder, device)

    @classmethod
    def read(cls: type[Kind], folder: Path, device: torch.device | str = "cpu") -> Kind:
        """Reads what `save` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, and where its
        vocabulary does not fit.
        """
        config = load_config(folder, cls.kind, cls.config_type)
        vocabulary = CaptionVocabulary.read(folder)
        networks = load_module(folder, lambda: cls.networks_of(config))
        return cls(networks.to(device), vocabulary)

    def save(self, folder: Path) -> None:
        """Writes the folder that `read` reads: matrices as 8-bit numbers, others as 16-bit ones."""
        config, state = self.networks.config, halved(self.networks.state_dict())
        save_weights(folder, self.kind, config, state, int8=True)
        self.vocabulary.write(folder)

    @torch.inference_mode()
    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws the words; raises InputError where none is known."""
        spoken = [word.text for word in narrative.words]
        caption = self.vocabulary.encode(spoken, self.networks.config.words)
        drawing = self.painted(caption, seed)
        return replace(drawing, notes=(*unused(caption), *drawing.notes))

    @torch.inference_mode()
    def painted(self, caption: Caption, seed: int) -> Drawing:
        """Draws a caption."""
        batch = TextBatch.of([caption.numbers], next(self.networks.parameters()).device)
        generator = torch.Generator().manual_seed(seed)
        return self.paint(self.networks.read(batch), caption, generator)


def unused(caption: Caption) -> tuple[str, ...]:
    """Sentences about the words of a caption that are not used."""
    reasons = (
        ("Words that it does not know", caption.skipped),
        (f"Beyond its {len(caption.words)} words", caption.cut),
    )
    return tuple(f"{why}: {' '.join(words)}." for why, words in reasons if words)


def painted_in_stages(drawing: Any, told: Told, generator: torch.Generator) -> Drawing:
    """What a generator draws of a sentence at every side; the last is the picture.

    `drawing` has a `draw_noise` and takes noise, sentence and variation.
    """
    noise, variation = (one.to(told.sentence) for one in drawing.draw_noise(1, generator))
    drawn = drawing(noise, told.sentence, variation)
    frames = tuple(Frame(pixels(pictures[0])) for pictures in drawn.pictures)
    return Drawing(frames[-1].picture, frames=frames)


def painted_by_words(
    pictures: Sequence[Tensor], shares: Sequence[Tensor], caption: Caption
) -> Drawing:
    """What a generator drew of one caption, and how its places shared the words out.

    `pictures` (1, 3, S, S) in [-1, 1] of every stage, the last of which is shown; `shares`
    (1, T, h, w) of every stage but the first.
    """
    frames = tuple(Frame(pixels(stage[0])) for stage in pictures)
    maps = {f"stage {number}": some[0].cpu().numpy() for number, some in enumerate(shares, 2)}
    attention = WordAttention(caption.words, maps) if maps else None
    return Drawing(frames[-1].picture, attention=attention, frames=frames)


def pixels(image: Tensor) -> NDArray[np.uint8]:
    """A picture (3, S, S) in [-1, 1] as (S, S, 3) uint8."""
    levels = ((image.float().permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
    return levels.to(torch.uint8).cpu().numpy()
