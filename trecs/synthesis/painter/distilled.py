"""What distilling changes of a first stage, stored as low-rank matrices beside it.

A stage that was distilled (`trecs.synthesis.thumbnail_distillation`) differs from the flow that it
began with by little, and most of that lies in few directions: the differences of matrices and
kernels are stored as products of two thin ones (after Hu et al., "LoRA", ICLR 2022, and, for
stages of few steps, Luo et al., "LCM-LoRA", 2023), here cut out behind the training by singular
values (reconstructed). The flow stays what trains, leads and mends.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.weights import BUNDLED, halved, load_config, load_tensors, save_weights
from trecs.synthesis.painter.painter import load_thumbnails, save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage

KIND = "painter-distilled"
FOLDER = "distilled"  # beside the flow's
RANK = 32
INTO, OUT = ":into", ":out"  # the two thin matrices of a tensor, (R, columns) and (R, rows)


@dataclass(frozen=True)
class DistilledConfig:
    """Which flow it is of, by its weights, and the moments of its steps, and 1."""

    flow: str
    times: tuple[float, ...]


def save_distilled(folder: Path, flow: ThumbnailStage, stage: ThumbnailStage) -> None:
    """Writes what a distilled stage has that its flow has not."""
    begun, changes = flow.state_dict(), dict[str, Tensor]()
    for name, value in stage.state_dict().items():
        change = (value - begun[name]).float().cpu()
        rows = change.flatten(1) if change.ndim > 1 else change[None]
        if min(rows.shape) <= RANK:
            changes[name] = change
            continue
        left, spread, right = torch.linalg.svd(rows, full_matrices=False)
        roots = spread[:RANK].sqrt()[:, None]
        changes[name + INTO], changes[name + OUT] = roots * right[:RANK], roots * left.T[:RANK]
    _write(folder, flow, stage, halved(changes))


def load_distilled(folder: Path, flow: ThumbnailStage) -> ThumbnailStage:
    """The stage that was made of a flow.

    Raises InputError where the folder is missing or damaged, or was made of another flow.
    """
    config = load_config(folder, KIND, DistilledConfig)
    if config.flow != digest_of(flow):
        raise InputError(
            f"'{folder}' was distilled from another flow than the one beside it; distil that "
            "one with `trecs train painter distilled`, or remove the folder to draw without."
        )
    changes = load_tensors(folder)
    stage = ThumbnailStage(
        replace(flow.config, guidance=1.0, times=config.times, extrapolated=False)
    )
    begun = flow.state_dict()
    stage.load_state_dict({name: value + _change(changes, name, value, folder)
                           for name, value in begun.items()})  # fmt: skip
    stage.changes = changes
    return stage


def load_drawing(folder: Path | None = None) -> tuple[ThumbnailStage, ThumbnailStage]:
    """A flow, by default the bundled one, and what draws in its place.

    That is the stage that was distilled from it, where its folder stands beside, else the flow.
    Raises InputError as `load_thumbnails` and `load_distilled`.
    """
    folder = folder or BUNDLED / "painter" / "thumbnails"
    flow, beside = load_thumbnails(folder), folder.parent / FOLDER
    return flow, load_distilled(beside, flow) if beside.is_dir() else flow


def save_drawing(folder: Path, flow: ThumbnailStage, stage: ThumbnailStage | None) -> None:
    """Writes a flow and, where another draws in its place, that one beside it."""
    save_thumbnails(folder, flow)
    if stage is not None and stage is not flow:
        beside, written = folder.parent / FOLDER, load_thumbnails(folder)
        if stage.changes is not None:  # as they were read, so that it draws the same again
            _write(beside, written, stage, stage.changes)
        else:
            save_distilled(beside, written, stage)


def digest_of(stage: ThumbnailStage) -> str:
    """Twelve hexadecimal digits that tell a stage's weights."""
    digest = hashlib.sha256()
    for name, value in sorted(stage.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.float().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


def _write(
    folder: Path, flow: ThumbnailStage, stage: ThumbnailStage, changes: Mapping[str, Tensor]
) -> None:
    config = DistilledConfig(digest_of(flow), stage.config.times)
    save_weights(folder, KIND, config, changes, int8=True)


def _change(changes: Mapping[str, Tensor], name: str, value: Tensor, folder: Path) -> Tensor:
    try:
        if name in changes:
            change = changes[name]
        else:
            change = changes[name + OUT].float().T @ changes[name + INTO].float()
        return change.float().view(value.shape)
    except (KeyError, RuntimeError) as error:
        raise InputError(
            f"'{folder}/model.safetensors' does not fit the flow beside it ({error}); restore it."
        ) from None
