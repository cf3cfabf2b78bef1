"""The networks through which an evaluation looks, and what to give for those that are missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.device import best_device
from trecs.evaluation.instruments import plugins
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips
from trecs.evaluation.instruments.matcher import MatcherEncoder
from trecs.evaluation.instruments.matching import ClipEncoder, DamsmEncoder
from trecs.evaluation.instruments.segmenter import Segmenter
from trecs.installed import part_folder
from trecs.systems.parts import contrastive
from trecs.trunks.efficientnet import LITE2, EfficientNetLite
from trecs.trunks.inception import InceptionV3


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
    """Which instruments to take, each as `module:function` or as the folder of a training here.

    `inception`: Inception's weights. Where nothing is given, `defaults` names folders by field:
    of the DAMSM of the checkpoint that is measured, and of the bundled matcher and segmenter,
    which are the same for all checkpoints.
    """

    inception: Path | None = None
    damsm: str | None = None
    encoder: str | None = None
    detector: str | None = None
    segmenter: str | None = None
    defaults: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Instruments:
    """What there is; `names` what it is and `missing` what to give instead of None, by field."""

    eyes: Eyes | None = None
    likeness: ShiftTolerantLpips | None = None
    damsm: plugins.Encoder | None = None
    encoder: plugins.Encoder | None = None
    detector: plugins.Detector | None = None
    segmenter: plugins.Segmenter | None = None
    names: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def load(named: Named) -> "Instruments":
        """Loads what was named and the packages that are installed, on a GPU where there is one.

        Raises InputError where something that was named cannot be used.
        """
        device = best_device()
        missing = {
            "damsm": "give the DAMSM used in training with --damsm, its folder or module:function",
            "encoder": "give an independent encoder of texts and pictures with --encoder, the "
            "folder of `trecs train matcher` or module:function",
            "detector": "give a detector with --detector, the folder of `trecs train segmenter` or "
            "module:function",
            "segmenter": "give a segmenter with --segmenter, the folder of `trecs train segmenter` "
            "or module:function",
        }
        eyes: InceptionV3 | EfficientNetLite | None = None
        likeness = None
        if named.inception:
            eyes = InceptionV3.load(named.inception).to(device)
        else:
            try:
                eyes = EfficientNetLite.shared(LITE2, device)
            except InputError as error:
                missing["eyes"] = f"give Inception's weights with --inception FILE ({error})"
        found: dict[str, Any] = {}
        names: dict[str, str] = {}
        for kind in tuple(missing.keys() & LOADERS.keys()):
            given, default = getattr(named, kind), named.defaults.get(kind)
            if given is not None:
                found[kind] = _load(kind, given, device)
                names[kind] = given
            elif default is not None and default.is_dir():
                try:
                    found[kind] = LOADERS[kind](default, device)
                    names[kind] = f"{default.parent.name}/{default.name}"
                except InputError as error:
                    missing[kind] += f" ({error})"
            if kind in found:
                del missing[kind]
                if caution := getattr(found[kind], "caution", ""):
                    names[kind] += f" ({caution})"
        try:
            likeness = ShiftTolerantLpips.load().to(device)
        except InputError as error:
            missing["likeness"] = str(error)
        return Instruments(eyes, likeness, **found, names=names, missing=missing)


def _load(kind: str, name: str, device: str) -> Any:
    """What a folder holds, or what `module:function` says."""
    if Path(name).is_dir():
        return LOADERS[kind](Path(name), device)
    return plugins.encoder(name) if kind in ("damsm", "encoder") else plugins.plugin(name)


@lru_cache(maxsize=1)
def _segmenter(folder: Path, device: str) -> Segmenter:
    return Segmenter.load(folder, device)


def _encoder(
    folder: Path, device: str, usual: Callable[[Path, str], plugins.Encoder]
) -> plugins.Encoder:
    """A CLIP, whichever encoder is wanted, or the one that is usual."""
    is_clip = part_folder(folder, contrastive.KIND) == folder
    return ClipEncoder.load(folder, device) if is_clip else usual(folder, device)


LOADERS: dict[str, Callable[[Path, str], Any]] = {
    "damsm": lambda folder, device: _encoder(folder, device, DamsmEncoder.load),
    "encoder": lambda folder, device: _encoder(folder, device, MatcherEncoder.load),
    "detector": lambda folder, device: _segmenter(folder, device).find,
    "segmenter": lambda folder, device: _segmenter(folder, device).segment,
}
"""How the folder of each field is read."""
