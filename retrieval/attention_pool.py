"""Attention pooling: a set of vectors to one."""

from torch import Tensor, nn


class AttentionPool(nn.Module):
    """A weighted mean of a sequence for each head, its weights from a linear score."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, heads)
        self.value = nn.Linear(width, width)
        self.heads = heads

    def forward(self, items: Tensor, present: Tensor) -> Tensor:
        """Pools (B, N, width) to (B, width); `present` (B, N) bool, at least one a row."""
        scores = self.score(items).masked_fill(~present.unsqueeze(2), -1e4)
        weights = scores.softmax(1)  # (B, N, heads)
        values = self.value(items).unflatten(2, (self.heads, -1))  # (B, N, heads, width/heads)
        pooled: Tensor = (weights.unsqueeze(3) * values).sum(1).flatten(1)
        return pooled
