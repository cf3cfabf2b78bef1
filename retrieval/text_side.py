"""The dual encoder's text side: which labels a description speaks of, and what else it says.

Reconstructed. A text's vector has two parts. The first has a number for every label: how surely
the text speaks of it, times how much that tells scenes apart, as tf-idf would count it. It is read
off the words and, where the caller has them, off a tagger's label weights, which know synonyms.
The second part is learned whole: company of labels, sizes, sides.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.attention_pool import AttentionPool
from retrieval.encoder_config import EncoderConfig
from segmentation.labels import COUNT

UNTOLD = -6.0  # the logit of a label of which no word speaks
LEAST_WEIGHT = 0.01  # a label weight counts as at least this, and at most one less it


class TextSide(nn.Module):
    """Words, each seen with its neighbours, and label weights to a vector."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.word = nn.Embedding(config.words + 1, config.word_width, padding_idx=0)
        self.context = nn.Conv1d(config.word_width, config.width, 3, padding=1)
        self.alone = nn.Linear(config.word_width, config.width)
        self.read = nn.Linear(config.width, COUNT)
        self.trust_words = nn.Parameter(torch.tensor(0.3))
        self.trust_weights = nn.Parameter(torch.tensor(0.8))
        self.rarity = nn.Parameter(torch.zeros(COUNT))  # logarithm of each label's worth
        self.pool = AttentionPool(config.width, config.heads)
        self.told = nn.Linear(COUNT, config.width)
        self.out = nn.Linear(config.width, config.learned)
        self.share = config.label_share
        nn.init.constant_(self.read.bias, UNTOLD + 2)

    def forward(self, words: Tensor, weights: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, dimension) and the logits of the labels that are spoken of (B, 182).

        `words` (B, N) int64 word numbers, 0 stands for no word; `weights` (B, 182) label weights
        in [0, 1], which count where `given` (B,) bool. The lengths of a vector's two parts add up
        to one.
        """
        embedded = self.word(words)  # (B, N, word_width)
        context = self.context(embedded.transpose(1, 2)).transpose(1, 2)
        items = functional.gelu(self.alone(embedded) + context)  # (B, N, width)
        present = words > 0

        own = self.read(items).masked_fill(~present.unsqueeze(2), UNTOLD).amax(1)  # (B, 182)
        surely = torch.logit(weights, eps=LEAST_WEIGHT)
        both = self.trust_words * own + self.trust_weights * surely
        logits = torch.where(given.unsqueeze(1), both, own)
        spoken = logits.sigmoid()

        labels = functional.normalize(spoken * self.rarity.exp(), dim=1)
        pooled = self.pool(items, present | ~present.any(1, keepdim=True)) + self.told(spoken)
        rest = functional.normalize(self.out(functional.gelu(pooled)), dim=1)
        return torch.cat((self.share * labels, (1 - self.share) * rest), 1), logits
