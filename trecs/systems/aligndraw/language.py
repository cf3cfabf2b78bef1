"""alignDRAW's caption encoder: a bi-directional LSTM whose first state is learnt."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from trecs.systems.parts.text_encoder import TextEncoder


class CaptionEncoder(TextEncoder):
    """Words to h_lang, both directions' states beside each other (Mansimov et al., section 3.1)."""

    def __init__(self, vocabulary: int, embedding: int, text: int) -> None:
        super().__init__(vocabulary, embedding, text)
        self.hidden = nn.Parameter(torch.zeros(1, text // 2))

    def forward(self, numbers: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """As `TextEncoder.forward`; it drops no words."""
        first = self.hidden.expand(2, len(numbers), -1).contiguous()
        packed = pack_padded_sequence(
            self.encoder(numbers), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, (last, _) = self.rnn(packed, (first, torch.zeros_like(first)))
        words, _ = pad_packed_sequence(states, batch_first=True, total_length=numbers.shape[1])
        return words.mT, last.transpose(0, 1).flatten(1)
