"""The dynamic memory of DM-GAN (Zhu et al., CVPR 2019, section 3.1, equations 1 to 9).

Layers and parameter names are those of the authors' PyTorch code (NEXT_STAGE_G).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Read(NamedTuple):
    """What a map's places read of the memory, and how it came about."""

    hidden: Tensor  # (B, C, H, W), the map with what was read
    attention: Tensor  # (B, T, H, W), each place's shares of the words, whose sum is 1
    writing_gate: Tensor  # (B, 1, T) in [0, 1]: how much of a slot is its word
    keys: Tensor  # (B, C, T)
    values: Tensor  # (B, C, T)
    read: Tensor  # (B, C, H, W)
    response_gate: Tensor  # (B, 1, H, W) in [0, 1]: how much of a place is what it read


class DynamicMemory(nn.Module):
    """Writes the words to a memory beside what was drawn, and lets each place read of it."""

    def __init__(self, width: int, text: int) -> None:
        super().__init__()
        slot = width * 2
        self.A = nn.Linear(text, 1, bias=False)
        self.B = nn.Linear(width, 1, bias=False)
        self.M_w = _projection(text, slot)
        self.M_r = _projection(width, slot)
        self.key = _projection(slot, width)
        self.value = _projection(slot, width)
        self.response_gate = nn.Sequential(nn.Conv2d(slot, 1, 1), nn.Sigmoid())

    def respond(self, hidden: Tensor, words: Tensor, padding: Tensor) -> Read:
        """Reads for a map (B, C, H, W) what is written of words (B, D, T).

        `padding` (B, T) bool is true where there is no word. Each caption's own padding is
        masked: the authors' code masks another one's in batches of several captions.
        """
        # What was drawn is told to the memory, and not taught by it
        drawn = hidden.detach().mean((2, 3))  # (B, C)
        gate = (self.A(words.transpose(1, 2)) + self.B(drawn)[:, None]).sigmoid()  # equation 6
        gate = gate.transpose(1, 2)  # (B, 1, T)
        slots = self.M_w(words) * gate + self.M_r(drawn[..., None]) * (1 - gate)  # equation 7
        keys, values = self.key(slots), self.value(slots)  # (B, C, T)
        scores = hidden.flatten(2).transpose(1, 2) @ keys  # (B, H*W, T)
        scores = scores.masked_fill(padding[:, None], -torch.inf)
        attention = scores.softmax(2).transpose(1, 2)  # equation 3: key addressing, (B, T, H*W)
        read = (values @ attention).unflatten(2, hidden.shape[2:])  # equation 4: value reading
        response = self.response_gate(torch.cat([hidden, read], 1))  # equation 8
        updated = (1 - response) * hidden + response * read  # equation 9
        shares = attention.unflatten(2, hidden.shape[2:])
        return Read(updated, shares, gate, keys, values, read, response)


def _projection(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv1d(inputs, outputs, 1), nn.ReLU())
