"""A trained CLIP on disk and in use: tells how well pictures fit texts."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from files.weights import halved, load_config, load_module, save_weights
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_tokens import FILE, Tokens, WordTokens, read_byte_pairs
from trecs.systems.parts.vocabulary import CaptionVocabulary

KIND = "clip"
MARKS = 2  # tokens of a text that are none of its words
AT_ONCE = 32  # texts or pictures that are encoded together


class Contrastive:
    """Both encoders and what texts are cut into."""

    def __init__(self, network: Clip, tokens: Tokens) -> None:
        if tokens.vocabulary != network.config.vocabulary:
            raise InputError(
                f"There are {tokens.vocabulary:,} tokens, but the table of the text encoder has "
                f"{network.config.vocabulary:,} rows; both must come from one training."
            )
        self.network = network.eval().requires_grad_(False)
        self.tokens = tokens

    @classmethod
    def load(cls, folder: Path, device: torch.device | str = "cpu") -> "Contrastive":
        """Reads what `save` or `trecs weights import clip` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, and where its
        tokens do not fit.
        """
        config = load_config(folder, KIND, ClipConfig)
        tokens: Tokens
        if config.tokens == "words":
            tokens = WordTokens(CaptionVocabulary.read(folder))
        else:
            tokens = read_byte_pairs(folder / FILE)
        network = load_module(folder, lambda: Clip(config))
        return cls(network.to(device).float(), tokens)

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads.

        Released weights stay 16-bit numbers; matrices of others become 8-bit ones.
        """
        config, state = self.network.config, halved(self.network.state_dict())
        save_weights(folder, KIND, config, state, int8=config.tokens == "words")
        self.tokens.write(folder)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.network.logit_scale.device

    def numbers(self, texts: Sequence[str]) -> Tensor:
        """The tokens (B, T) int64 of texts; raises InputError where nothing of one is known."""
        length = self.network.config.words
        cut = [self.tokens.cut(text, length - MARKS).numbers for text in texts]
        return self.tokens.marked(cut, length).to(self.device)

    @torch.no_grad()
    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Features (B, D) of length 1; raises InputError where nothing of a text is known."""
        rows = self.numbers(texts).split(AT_ONCE)
        return functional.normalize(torch.cat(list(map(self.network.text_features, rows))), dim=1)

    @torch.no_grad()
    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Features (B, D) of length 1 of square pictures (B, 3, H, H) in [-1, 1]."""
        rows = pictures.to(self.device).split(AT_ONCE)
        found = torch.cat(list(map(self.network.picture_features, rows)))
        return functional.normalize(found, dim=1)

    def score(self, pictures: Tensor, texts: Sequence[str]) -> Tensor:
        """The cosine of each picture (P, 3, H, H) in [-1, 1] with each text, (P, T)."""
        return self.encode_pictures(pictures) @ self.encode_texts(texts).T
