"""Which tokens each token sees: the sparse attention of DALL-E's layers (appendix B.1, figure 11).

A sequence is the start, T words, and S x S tokens of the picture, row after row. Words see the
words before them, and every token of the picture sees all words; of the picture it sees what stands
before it in its row, in its column, or near it.
"""

import torch
from torch import Tensor


def seen(kind: str, words: int, side: int, kernel: int) -> Tensor:
    """What a layer of a `kind` lets see, (L, L) bool with L = 1 + words + side^2.

    True where the row's token sees the column's. The exact sets are those of lucidrains'
    DALLE-pytorch; the authors' transformer was never released.
    """
    text, length = 1 + words, 1 + words + side**2
    before = torch.ones(length, length, dtype=torch.bool).tril()
    if kind == "full":
        return before
    place = torch.arange(side**2)
    y, x = place // side, place % side
    if kind == "row":
        near = y[:, None] == y
    elif kind == "column":
        near = x[:, None] == x
    else:
        above, left = y[:, None] - y, x[:, None] - x
        near = (above < kernel) & (left >= 0) & (left < kernel)
    before[text:, text:] &= near
    return before
