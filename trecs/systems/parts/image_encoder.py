"""Image encoders of the matching model: features of a picture's places and of the whole.

Xu et al., section 3.2. A pretrained trunk, frozen, and two learned projections into the space of
words and sentences.
"""

import copy
from abc import abstractmethod
from pathlib import Path
from typing import Literal, TypeVar

from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from trecs.trunks import efficientnet, inception
from trecs.trunks.efficientnet import LITE0, EfficientNetTrunk
from trecs.trunks.inception import InceptionTrunk
from trecs.trunks.published import load_published, read_published

Trunk = Literal["inception", "efficientnet"]

Encoder = TypeVar("Encoder", bound="ImageEncoder")
TORCHVISION = "inception_v3_google-0cc3c7bd.pth"


class ImageEncoder(nn.Module):
    """What both trunks share. The trunk learns nothing and keeps its norms' statistics.

    `emb_features` and `emb_cnn_code` are the authors' names of the projections; it has pictures
    scaled to `side` pixels.
    """

    side: int
    emb_features: nn.Conv2d
    emb_cnn_code: nn.Linear

    @staticmethod
    def of(trunk: Trunk, text: int, side: int) -> "ImageEncoder":
        """The encoder of a trunk, with random weights, into `text` numbers (D).

        It sees pictures scaled to `side` pixels.
        """
        kind = InceptionEncoder if trunk == "inception" else EfficientNetEncoder
        return kind(text, side)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Features of pictures (B, 3, H, W) in [-1, 1], of any size.

        Returns those of the places (B, D, h, w) and of the whole pictures (B, D).
        """
        local, last = self.seen(pictures)
        return self.project(local, last.mean((2, 3)))

    def project(self, local: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """The same from the trunk's local features (B, L, h, w) and pooled last ones (B, C)."""
        return self.emb_features(local), self.emb_cnn_code(pooled)

    def train(self: Encoder, mode: bool = True) -> Encoder:
        """Changes nothing: the trunk stays as in evaluation.

        (The authors let the statistics of its norms move while the projections learn.)
        """
        return super().train(False)

    @abstractmethod
    def seen(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """The trunk's maps of local features and the last ones, of pictures in [-1, 1]."""

    @abstractmethod
    def load_trunk(self, path: Path | None = None) -> None:
        """Reads the trunk's published weights; raises InputError where they are not to be had."""

    def _project(self, local: int, last: int, text: int) -> None:
        """Freezes what there is and adds the projections, which begin as the authors' do."""
        self.requires_grad_(False).eval()
        self.emb_features = nn.Conv2d(local, text, 1, bias=False)
        self.emb_cnn_code = nn.Linear(last, text)
        for layer in (self.emb_features, self.emb_cnn_code):
            nn.init.uniform_(layer.weight, -0.1, 0.1)


class InceptionEncoder(ImageEncoder, InceptionTrunk):
    """The authors' encoder, 17x17 places; parameter names are theirs (CNN_ENCODER)."""

    def __init__(self, text: int, side: int = inception.SIDE) -> None:
        super().__init__(torchvision=True)
        self.side = side
        self._project(inception.LOCAL, inception.CHANNELS, text)

    def seen(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 768, 17, 17) and (B, 2048, 8, 8), at a side of 299."""
        # The torch of 2017, with which the released encoders were trained, aligned the corners.
        return self.maps(_resized(pictures, self.side, align_corners=True))

    def load_trunk(self, path: Path | None = None) -> None:
        """Reads torchvision's file, inception_v3_google-*.pth, which no package carries."""
        if path is None:
            raise InputError(
                "The weights of Inception-v3 are missing; give the path of torchvision's "
                f"'{TORCHVISION}', or take EfficientNet-lite0 for a trunk."
            )
        what = "Inception-v3 (torchvision)"
        state = read_published(path, what=what, package="torchvision", file=TORCHVISION)
        trunk = InceptionTrunk(torchvision=True)
        load_published(trunk, state, what=what)
        self.load_state_dict(trunk.state_dict(), strict=False)


class EfficientNetEncoder(ImageEncoder):
    """EfficientNet-lite0: small, and its weights can be had (reconstructed).

    A side of 224 gives 14x14 places, one of 128 gives 8x8 for a third of the work.
    """

    def __init__(self, text: int, side: int = LITE0.side) -> None:
        super().__init__()
        self.side = side
        self.trunk = EfficientNetTrunk()
        self._project(efficientnet.LOCAL, efficientnet.CHANNELS, text)

    def seen(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 112, 14, 14) and (B, 1280, 7, 7), at a side of 224."""
        resized = _resized(pictures, self.side, antialias=True)
        return self.trunk.maps(self.trunk.scaled(resized))

    def load_trunk(self, path: Path | None = None) -> None:
        """Reads the published file, by default from the package that carries it."""
        load_published(self.trunk, LITE0.read(path), what=LITE0.what)


def at_side(encoder: ImageEncoder, side: int) -> ImageEncoder:
    """The encoder, with the same weights, that has pictures scaled to another side."""
    other = copy.copy(encoder)
    other.side = side
    return other


def _resized(pictures: Tensor, side: int, **how: bool) -> Tensor:
    return functional.interpolate(pictures, (side, side), mode="bilinear", **how)
