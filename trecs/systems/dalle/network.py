"""All that draws: the transformer and the VAE's decoder; and what foretells words as it learns."""

import torch
from torch import Tensor, nn

from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.dvae import Decoder
from trecs.systems.dalle.transformer import Transformer


class Unread(nn.Module):
    """In the place of a text encoder: the transformer has words by their numbers."""

    def forward(self, numbers: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """No features, (B, 0, T) and (B, 0)."""
        none = torch.zeros(len(numbers), 0, numbers.shape[1], device=numbers.device)
        return none, none[..., 0]


class DalleNetworks(nn.Module):
    """Draws tokens by words, and pictures of the tokens."""

    def __init__(self, config: DalleConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer, self.decoder = Transformer(config), Decoder(config)

    def forward(self, texts: list[tuple[int, ...]], generator: torch.Generator) -> Tensor:
        """Pictures (B, 3, S, S) in [-1, 1] of texts; the noise is the generator's, on the CPU."""
        said = self.transformer.padded(texts, self.transformer.rows.device)
        tokens = self.transformer.sample(said, generator)
        return self.decoder.pictures(tokens.unflatten(1, (self.config.places,) * 2))


class Foretelling(nn.Module):
    """The transformer beside what foretells words, which is only needed to learn."""

    def __init__(self, transformer: Transformer) -> None:
        super().__init__()
        config = transformer.config
        self.transformer = transformer
        self.head = nn.Linear(config.width, config.vocabulary + config.words)

    def forward(self, said: Tensor, drawn: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) of words and (B, N, K) of tokens, of texts (B, T) and pictures (B, N).

        They are told apart by their places, so that none is ever taken for the other.
        """
        words, tokens = self.transformer(said, drawn).split(said.shape[1:] + drawn.shape[1:], 1)
        return self.head(words), self.transformer.head(tokens)
