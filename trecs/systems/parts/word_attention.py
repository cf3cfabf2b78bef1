"""The attention to words of generators that draw in stages (Xu et al., CVPR 2018, section 3.1).

AttnGAN's, which later systems took; parameter names are the authors' (GlobalAttentionGeneral).
"""

import torch
from torch import Tensor, nn


class WordAttention(nn.Module):
    """F^attn: for every place of a hidden map, the words that count there (equation 2).

    With `authors_mask` it hides what the authors' code does. They lay the scores out as
    (B * N, T), caption after caption, but repeat the mask of padding (B, T) as a whole, so that
    row r, a place in picture r // N, is masked by caption r % B: right for one caption alone,
    for captions of one length and nowhere else. Pictures of several lengths in a batch then
    attend to padding and miss words of their own. The released weights were trained so.
    """

    def __init__(self, width: int, text: int, *, authors_mask: bool = False) -> None:
        super().__init__()
        self.authors_mask = authors_mask
        self.conv_context = nn.Conv2d(text, width, 1, bias=False)

    def forward(self, hidden: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        """Attends from `hidden` (B, width, H, W) to `words` (B, D, T).

        `padding` (B, T) bool is true where there is no word. Returns the words' context
        (B, width, H, W) and the attention (B, T, H, W), whose sum over the words is 1.
        """
        height, width = hidden.shape[2:]
        count, places = len(hidden), height * width
        keys = self.conv_context(words[..., None]).squeeze(3)  # (B, width, T)
        scores = hidden.flatten(2).transpose(1, 2) @ keys  # (B, N, T)
        hides = padding[:, None].expand_as(scores)
        if self.authors_mask:
            hides = padding.repeat(places, 1).view(count, places, -1)
        attention = scores.masked_fill(hides, -torch.inf).softmax(2).transpose(1, 2)  # (B, T, N)
        context = (keys @ attention).unflatten(2, (height, width))
        return context, attention.unflatten(2, (height, width))
