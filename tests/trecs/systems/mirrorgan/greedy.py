"""How the authors' captioner says a caption, which no training needs."""

import torch
from torch import Tensor

from trecs.systems.mirrorgan.captioner import CaptionDecoder

MOST = 20  # words that are read of a picture, as in the authors' code


def greedy(decoder: CaptionDecoder, features: Tensor, length: int = MOST) -> Tensor:
    """The likeliest word after each of so many, (B, length) int64, of vectors (B, E)."""
    word, state, read = features, None, []
    for _ in range(length):
        said, state = decoder.lstm(word[:, None], state)
        read.append(decoder.linear(said[:, 0]).argmax(1))
        word = decoder.embed(read[-1])
    return torch.stack(read, 1)
