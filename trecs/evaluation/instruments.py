"""The networks through which an evaluation looks, and what to give for those that are missing."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import InputError
from trecs.evaluation import plugins
from trecs.evaluation.efficientnet import LITE2, EfficientNetLite
from trecs.evaluation.inception import InceptionV3
from trecs.evaluation.lpips import ShiftTolerantLpips


class Eyes(Protocol):
    """A classifier whose features and classes FID and the Inception Score are made of."""

    @property
    def prefix(self) -> str:
        """Of the measures' names; empty for Inception's."""
        ...

    @property
    def protocol(self) -> str:
        """What it looks at and what its features are."""
        ...

    def look(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features (B, D) and probabilities (B, C) of pictures (B, H, W, 3) uint8 RGB."""
        ...


@dataclass(frozen=True)
class Named:
    """What plugins were given, as `module:function`; and Inception's weights.

    `damsm` and `encoder` may be folders, too, of what `trecs train damsm` and `trecs train
    matcher` wrote. `own_damsm` and `own_encoder` serve where none is given and they exist: the
    checkpoint's DAMSM, and the bundled matcher, which is the same for all checkpoints.
    """

    inception: Path | None = None
    damsm: str | None = None
    encoder: str | None = None
    detector: str | None = None
    segmenter: str | None = None
    own_damsm: Path | None = None
    own_encoder: Path | None = None


@dataclass(frozen=True, eq=False)
class Instruments:
    """What there is; `missing`: for each field that is None, what to do about it."""

    named: Named
    eyes: Eyes | None = None
    likeness: ShiftTolerantLpips | None = None
    damsm: plugins.Encoder | None = None
    encoder: plugins.Encoder | None = None
    detector: plugins.Detector | None = None
    segmenter: plugins.Segmenter | None = None
    missing: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def load(named: Named) -> "Instruments":
        """Loads what was named and the packages that are installed, on a GPU where there is one.

        Raises InputError where something that was named cannot be used.
        """
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        missing = {
            "damsm": "give the DAMSM used in training with --damsm, its folder or module:function",
            "encoder": "give an independent encoder of texts and pictures with --encoder, the "
            "folder of `trecs train matcher` or module:function",
            "detector": "give a detector with --detector module:function",
            "segmenter": "give a segmenter with --segmenter module:function",
        }
        eyes: InceptionV3 | EfficientNetLite | None = None
        likeness = None
        if named.inception:
            eyes = InceptionV3.load(named.inception).to(device)
        else:
            try:
                eyes = EfficientNetLite.load(LITE2).to(device)
            except InputError as error:
                missing["eyes"] = f"give Inception's weights with --inception FILE ({error})"
        damsm = _damsm(named.damsm, device) if named.damsm else None
        encoder = _encoder(named.encoder, device) if named.encoder else None
        if named.damsm is None and named.own_damsm and named.own_damsm.is_dir():
            try:
                damsm = _damsm(str(named.own_damsm), device)
                named = replace(named, damsm="the checkpoint's")
            except InputError as error:
                missing["damsm"] += f" ({error})"
        if named.encoder is None and named.own_encoder and named.own_encoder.is_dir():
            try:
                encoder = _encoder(str(named.own_encoder), device)
                named = replace(named, encoder="the bundled matcher")
            except InputError as error:
                missing["encoder"] += f" ({error})"
        try:
            likeness = ShiftTolerantLpips.load().to(device)
        except InputError as error:
            missing["likeness"] = str(error)
        return Instruments(
            named,
            eyes,
            likeness,
            damsm,
            encoder,
            plugins.plugin(named.detector) if named.detector else None,
            plugins.plugin(named.segmenter) if named.segmenter else None,
            missing,
        )


def _damsm(name: str, device: str) -> plugins.Encoder:
    """The DAMSM in a folder, or the encoder that `module:function` makes."""
    if not Path(name).is_dir():
        return plugins.encoder(name)
    from trecs.evaluation.matching import DamsmEncoder

    return DamsmEncoder.load(Path(name), device)


def _encoder(name: str, device: str) -> plugins.Encoder:
    """The matcher in a folder, or the encoder that `module:function` makes."""
    if not Path(name).is_dir():
        return plugins.encoder(name)
    from trecs.evaluation.matcher import MatcherEncoder

    return MatcherEncoder.load(Path(name), device)
