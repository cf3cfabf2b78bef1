"""DALL-E's transformer: foretells the next token of words and picture (Ramesh et al., section 2.2).

Reconstructed from lucidrains' DALLE-pytorch, since the authors' was never released: norms before
and scales after each part of a layer, and gated feed-forward layers.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.masks import seen

START = 0  # the number that begins a sequence; as a word it is END, and stands for none
SCALE = 0.1  # with which a layer's parts begin


@dataclass
class Memory:
    """Keys and values (B, H, L, C) of a layer for the tokens before, so that none is seen twice."""

    kept: tuple[Tensor, ...] = ()

    def add(self, keys: Tensor, values: Tensor) -> tuple[Tensor, ...]:
        """Those before and these."""
        both = zip(self.kept or (keys[:, :, :0], values[:, :, :0]), (keys, values), strict=True)
        self.kept = tuple(torch.cat(pair, 2) for pair in both)
        return self.kept


@dataclass
class Memories:
    """Those of all layers, and how many tokens they have seen."""

    layers: list[Memory] = field(default_factory=list)
    length: int = 0


class Attention(nn.Module):
    """Attention of several heads, to what a mask lets see."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asked = nn.Linear(width, 3 * width, bias=False)  # queries, keys and values
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor, memory: Memory | None) -> Tensor:
        """(B, L, D) -> (B, L, D); the mask (L, M) is of the tokens and of all so far."""
        asked = self.asked(x).unflatten(2, (3, self.heads, -1))  # (B, L, 3, H, C)
        queries, keys, values = asked.permute(2, 0, 3, 1, 4)
        if memory is not None:
            keys, values = memory.add(keys, values)
        found = functional.scaled_dot_product_attention(queries, keys, values, mask)
        attended: Tensor = self.out(found.transpose(1, 2).flatten(2))
        return attended


class Gated(nn.Module):
    """A feed-forward layer, half of whose channels gate the others: x gelu(g)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.both, self.out = nn.Linear(width, 2 * inner), nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        values, gates = self.both(x).chunk(2, -1)
        fed: Tensor = self.out(values * functional.gelu(gates))
        return fed


class Layer(nn.Module):
    """Attention and feed-forward, each over what is normed and added by a scale of its own."""

    mask: Tensor  # (L, L) bool

    def __init__(self, config: DalleConfig, kind: str) -> None:
        super().__init__()
        width = config.width
        self.norm, self.fed_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.scale = nn.Parameter(torch.full((width,), SCALE))
        self.fed_scale = nn.Parameter(torch.full((width,), SCALE))
        self.attention, self.fed = Attention(width, config.heads), Gated(width, config.inner)
        mask = seen(kind, config.words, config.places, config.kernel)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor, start: int, memory: Memory | None) -> Tensor:
        """Tokens (B, L, D), the first of which is number `start`."""
        end = start + x.shape[1]
        mask = self.mask[start:end, :end]
        x = x + self.scale * self.attention(self.norm(x), mask, memory)
        fed: Tensor = x + self.fed_scale * self.fed(self.fed_norm(x))
        return fed


class Transformer(nn.Module):
    """Words and a picture's tokens as one sequence, and what token of the picture comes next."""

    def __init__(self, config: DalleConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.words = nn.Embedding(config.vocabulary + config.words, width)
        self.word_places = nn.Embedding(1 + config.words, width)
        self.tokens = nn.Embedding(config.codes, width)
        self.rows = nn.Parameter(torch.randn(config.places, 1, width))
        self.columns = nn.Parameter(torch.randn(1, config.places, width))
        self.layers = nn.ModuleList(Layer(config, kind) for kind in config.attention)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, config.codes)

    def padded(self, texts: list[tuple[int, ...]], device: torch.device | str = "cpu") -> Tensor:
        """Texts as (B, T) int64: where no word is, stands a number of the place's own."""
        count, length = self.config.vocabulary, self.config.words
        padding = tuple(range(count, count + length))
        rows = [text[:length] + padding[len(text) :] for text in texts]
        return torch.tensor(rows, device=device)

    def forward(self, said: Tensor, drawn: Tensor) -> Tensor:
        """What foretells each next token, (B, T + N, D).

        Of texts (B, T) as `padded` has them, and of a picture's N tokens (B, N), the last of which
        is only foretold. The first T foretell the words, the others the picture (`head`).
        """
        x = torch.cat([self._read(said), self._seen(drawn[:, :-1])], 1)
        return self._through(x, Memories())

    @torch.no_grad()
    def sample(self, said: Tensor, generator: torch.Generator) -> Tensor:
        """Draws tokens (B, N) int64 for texts (B, T), one after another, each by its probability.

        The noise is the generator's, on the CPU.
        """
        memories = Memories([Memory() for _ in self.layers])
        x, tokens = self._read(said), list[Tensor]()
        for place in range(self.config.places**2):
            found = self._through(x, memories)[:, -1]
            logits = self.head(found).float() / self.config.temperature
            token = torch.multinomial(logits.softmax(1).cpu(), 1, generator=generator).to(said)
            tokens.append(token)
            x = self._seen(token, place)
        return torch.cat(tokens, 1)

    def _read(self, said: Tensor) -> Tensor:
        """The start and the words with their places, (B, 1 + T, D)."""
        begun = functional.pad(said, (1, 0), value=START)
        read: Tensor = self.words(begun) + self.word_places.weight
        return read

    def _seen(self, tokens: Tensor, place: int = 0) -> Tensor:
        """Tokens (B, M) of a picture with their places, of which the first is told."""
        places = (self.rows + self.columns).flatten(0, 1)
        looked: Tensor = self.tokens(tokens) + places[place : place + tokens.shape[1]]
        return looked

    def _through(self, x: Tensor, memories: Memories) -> Tensor:
        """Tokens (B, L, D) after those of the memories."""
        start, memories.length = memories.length, memories.length + x.shape[1]
        for number, layer in enumerate(self.layers):
            x = layer(x, start, memories.layers[number] if memories.layers else None)
        normed: Tensor = self.norm(x)
        return normed
