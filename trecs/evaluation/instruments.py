"""The networks through which an evaluation looks, and what to give for those that are missing."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import InputError
from trecs.evaluation import plugins
from trecs.evaluation.efficientnet import EfficientNetLite0
from trecs.evaluation.inception import InceptionV3
from trecs.evaluation.lpips import ShiftTolerantLpips


class Eyes(Protocol):
    """A classifier whose features and classes FID and the Inception Score are made of."""

    prefix: str
    protocol: str

    def look(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features (B, D) and probabilities (B, C) of pictures (B, H, W, 3) uint8 RGB."""
        ...


@dataclass(frozen=True)
class Named:
    """What plugins were given, as `module:function`; and Inception's weights.

    `damsm` may be a folder, too; `own_damsm` is the checkpoint's, which serves where none is given.
    """

    inception: Path | None = None
    damsm: str | None = None
    own_damsm: Path | None = None
    encoder: str | None = None
    detector: str | None = None
    segmenter: str | None = None


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
            "encoder": "give an independent encoder of texts and pictures with --encoder "
            "module:function",
            "detector": "give a detector with --detector module:function",
            "segmenter": "give a segmenter with --segmenter module:function",
        }
        eyes: InceptionV3 | EfficientNetLite0 | None = None
        likeness = None
        if named.inception:
            eyes = InceptionV3.load(named.inception).to(device)
        else:
            try:
                eyes = EfficientNetLite0.load().to(device)
            except InputError as error:
                missing["eyes"] = f"give Inception's weights with --inception FILE ({error})"
        damsm = _damsm(named.damsm, device) if named.damsm else None
        if named.damsm is None and named.own_damsm:
            try:
                damsm = _damsm(str(named.own_damsm), device)
                named = replace(named, damsm="the checkpoint's")
            except InputError as error:
                missing["damsm"] += f" ({error})"
        try:
            likeness = ShiftTolerantLpips.load().to(device)
        except InputError as error:
            missing["likeness"] = str(error)
        return Instruments(
            named,
            eyes,
            likeness,
            damsm,
            plugins.encoder(named.encoder) if named.encoder else None,
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
