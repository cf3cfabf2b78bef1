"""CLIP's two encoders (Radford et al., ICML 2021, section 2.4), after the authors' released code.

The parameter names are theirs, so that released weights load; `contrastive.py` reads and keeps
them.
"""

from dataclasses import dataclass
from math import log
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.parts.clip_resnet import ResNet

MEAN = 0.48145466, 0.4578275, 0.40821073  # of the authors' photos, of channels from 0 to 1
DEVIATION = 0.26862954, 0.26130258, 0.27577711
SCALE = log(1 / 0.07)  # the logarithm of what cosines are multiplied by, at first
LARGEST_SCALE = log(100)  # and at most (section 2.5)


@dataclass(frozen=True)
class ClipConfig:
    """The numbers of a network; those of the released ViT-B/32.

    `picture_layers`: blocks of each of the four parts of a ResNet, or one number, the layers of a
    vision transformer. `tokens`: what texts are cut into, see `trecs.systems.parts.clip_tokens`.
    """

    embedding: int = 512  # D: numbers of a picture and of a text where they are compared
    side: int = 224  # pixels of a picture
    patch: int = 32  # pixels of a patch's side; a ResNet has none
    picture_layers: tuple[int, ...] = (12,)
    picture_width: int = 768
    picture_heads: int = 12
    words: int = 77  # T: tokens of a text, of which the first and the last are marks
    vocabulary: int = 49_408  # tokens that there are
    text_width: int = 512
    text_heads: int = 8
    text_layers: int = 12
    tokens: Literal["byte_pairs", "words"] = "byte_pairs"

    def __post_init__(self) -> None:
        if len(self.picture_layers) not in (1, 4):
            raise ValueError(f"'picture_layers' are one number or four, not {self.picture_layers}")
        if self.words < 3:
            raise ValueError(f"'words' are at least 3, two marks and a token, not {self.words}")

    @staticmethod
    def bundled(vocabulary: int = 750) -> "ClipConfig":
        """What comes with the repository, for pictures of 64 x 64."""
        return ClipConfig(128, 64, 8, (2,), 128, 4, 64, vocabulary, 128, 4, 1, "words")

    @staticmethod
    def tiny(vocabulary: int = 12) -> "ClipConfig":
        """The same path, small enough for tests."""
        return ClipConfig(6, 16, 8, (1,), 8, 2, 8, vocabulary, 8, 2, 1, "words")


class QuickGelu(nn.Module):
    """The authors' activation, x sigmoid(1.702 x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        return x * (1.702 * x).sigmoid()


class Block(nn.Module):
    """A layer of a transformer whose norms stand before attention and perceptron."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(width, 4 * width))
        self.mlp.add_module("gelu", QuickGelu())
        self.mlp.add_module("c_proj", nn.Linear(4 * width, width))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Rows (B, T, W); `mask` (T, T) is added to what rows think of rows."""
        rows = self.ln_1(x)
        x = x + self.attn(rows, rows, rows, need_weights=False, attn_mask=mask)[0]
        result: Tensor = x + self.mlp(self.ln_2(x))
        return result


class Transformer(nn.Module):
    """Layers, whose weights begin as the authors' do."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        inner = width**-0.5 * (2 * layers) ** -0.5
        for block in self.resblocks:
            assert isinstance(block, Block)
            nn.init.normal_(block.attn.in_proj_weight, std=width**-0.5)
            nn.init.normal_(block.attn.out_proj.weight, std=inner)
            nn.init.normal_(block.mlp.get_submodule("c_fc").weight, std=(2 * width) ** -0.5)  # type: ignore[arg-type]
            nn.init.normal_(block.mlp.get_submodule("c_proj").weight, std=inner)  # type: ignore[arg-type]

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Rows (B, T, W)."""
        for block in self.resblocks:
            x = block(x, mask)
        return x


class VisionTransformer(nn.Module):
    """Patches of a picture beside a class token, which sees all of them."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        width, side = config.picture_width, config.side // config.patch
        scale = width**-0.5
        self.conv1 = nn.Conv2d(3, width, config.patch, config.patch, bias=False)
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn(side**2 + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, config.picture_layers[0], config.picture_heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, config.embedding))

    def forward(self, pictures: Tensor, kept: Tensor | None = None) -> Tensor:
        """Features (B, D) of pictures (B, 3, S, S) of the authors' mean and deviation.

        `kept`: (B, K) int64, the patches that are looked at; left out, all are.
        """
        patches = self.conv1(pictures).flatten(2).transpose(1, 2)  # (B, N, W)
        patches = patches + self.positional_embedding[1:]
        if kept is not None:
            patches = patches.gather(1, kept[..., None].expand(-1, -1, patches.shape[2]))
        whole = self.class_embedding + self.positional_embedding[0]
        rows = torch.cat([whole.expand(len(patches), 1, -1), patches], 1)  # (B, K + 1, W)
        seen = self.transformer(self.ln_pre(rows))
        features: Tensor = self.ln_post(seen[:, 0]) @ self.proj
        return features


class Clip(nn.Module):
    """Both encoders and the scale of their cosines, with random weights."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.config = config
        width = config.text_width
        self.visual: nn.Module
        if len(config.picture_layers) == 1:
            self.visual = VisionTransformer(config)
        else:
            self.visual = ResNet(
                config.picture_layers, config.picture_width, config.picture_heads,
                config.side, config.embedding,
            )  # fmt: skip
        self.transformer = Transformer(width, config.text_layers, config.text_heads)
        self.token_embedding = nn.Embedding(config.vocabulary, width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(config.words, width))
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(width**-0.5 * torch.randn(width, config.embedding))
        self.logit_scale = nn.Parameter(torch.tensor(SCALE))
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def picture_features(self, pictures: Tensor, kept: Tensor | None = None) -> Tensor:
        """Features (B, D), of any length, of square pictures (B, 3, H, H) in [-1, 1].

        `kept`: which patches a vision transformer looks at, see there.
        """
        side = self.config.side
        if pictures.shape[-1] != side:
            pictures = functional.interpolate(
                pictures, (side, side), mode="bicubic", antialias=True
            ).clamp(-1, 1)
        mean, deviation = (pictures.new_tensor(x).view(3, 1, 1) for x in (MEAN, DEVIATION))
        scaled = ((pictures + 1) / 2 - mean) / deviation
        features: Tensor = self.visual(scaled) if kept is None else self.visual(scaled, kept)
        return features

    def text_features(self, tokens: Tensor) -> Tensor:
        """Features (B, D), of any length, of texts (B, T) int64.

        Each ends with the token of the largest number, after which it is filled up with 0. No
        token sees those after it, so what all texts leave empty need not be looked at.
        """
        ends = tokens.argmax(1)
        tokens = tokens[:, : int(ends.max()) + 1]
        length = tokens.shape[1]
        rows = self.token_embedding(tokens) + self.positional_embedding[:length]  # (B, T, W)
        later = rows.new_full((length, length), -torch.inf).triu(1)
        read = self.ln_final(self.transformer(rows, later))
        features: Tensor = read[torch.arange(len(read)), ends] @ self.text_projection
        return features

    def forward(self, pictures: Tensor, tokens: Tensor, kept: Tensor | None = None) -> Tensor:
        """Logits (P, T): the cosine of each of P pictures with each of T texts, scaled."""
        return self.logits(self.picture_features(pictures, kept), self.text_features(tokens))

    def logits(self, pictures: Tensor, texts: Tensor) -> Tensor:
        """Logits (P, T) of features (P, D) and (T, D)."""
        pictures, texts = (functional.normalize(x, dim=1) for x in (pictures, texts))
        return self.logit_scale.exp() * pictures @ texts.T


def contrastive_loss(logits: Tensor) -> Tensor:
    """How badly logits (B, B) tell each picture's text and each text's picture, a scalar.

    The symmetric cross entropy of the paper's figure 3.
    """
    own = torch.arange(len(logits), device=logits.device)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2
