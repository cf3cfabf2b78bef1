"""The trained parts on this machine: those of a checkpoint folder and those a user imported."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

from files.errors import InputError
from files.paths import expanded
from files.text import read_text
from files.weights import BUNDLED

COLLAGE = "collage"
"""What a generator is called that pastes the photos of a library (`trecs.synthesis.collage`)."""

DIFFUSERS = "diffusers"
"""What a generator is called that is a pipeline of that library (`trecs.synthesis.diffusion`)."""


@dataclass(frozen=True)
class Part:
    """A trained part: its folder, what it is, how large, and what its card says of its use."""

    name: str
    kind: str  # "tagger", "generator", "library", ...
    folder: Path
    parameters: int  # numbers in its weights; 0 for a library
    size: int  # bytes of the folder's files
    licence: str  # as the card's front matter names it; "not told" without


def imported_folder() -> Path:
    """Where `trecs weights import` puts parts: `weights` in `$TRECS_HOME` or `~/.cache/trecs`."""
    return _home() / "weights"


def cache_folder() -> Path:
    """Where lies what could be computed again: `cache` in `$TRECS_HOME` or `~/.cache/trecs`."""
    return _home() / "cache"


def own_library() -> Path:
    """Where lies the library of the user's own photos: `library` in `$TRECS_HOME` or
    `~/.cache/trecs`."""
    return _home() / "library"


def generator_folder(checkpoint: Path, name: str | None = None) -> Path:
    """The folder of a generator that is called by a name; COLLAGE and DIFFUSERS stand on the
    checkpoint's.

    It is looked for in the checkpoint folder, then among the imported parts; it may also be a
    folder's path. None is the checkpoint's own. Raises InputError where there is none.
    """
    if name in (None, COLLAGE, DIFFUSERS):
        name = "generator"
    for place in (checkpoint, imported_folder()):
        if name in _folders(place):
            return place / name
    if (Path(name) / "config.json").is_file():
        return Path(name)
    imported = ", ".join(_folders(imported_folder()))
    raise InputError(
        f"No generator '{name}' in '{checkpoint}'; there is "
        f"{', '.join(_folders(checkpoint)) or 'nothing'}"
        + (f", and among the imported ones {imported}." if imported else ".")
    )


def pipeline_folders(checkpoint: Path, library: Path | str | None = None) -> dict[str, Path]:
    """The folders of the pipeline's parts but the generator's, by their names.

    The library may be another one; for the generator see `generator_folder`.
    """
    names = ("tagger", "trace", "encoder", "alignment", "painter", "library")
    parts = {name: checkpoint / name for name in names}
    if not parts["alignment"].is_dir():  # a checkpoint from before there was one
        parts["alignment"] = BUNDLED / "alignment"
    if library is not None:
        parts["library"] = Path(library)
    return parts


def thumbnails_folder(checkpoint: Path) -> Path:
    """The folder of the flow that draws the thumbnails that pictures begin as, if there is one."""
    return checkpoint / "painter" / "thumbnails"


def drawing_folders(checkpoint: Path) -> list[Path]:
    """That folder and the one of what was distilled of it, those of them that are there."""
    flow = thumbnails_folder(checkpoint)
    return [folder for folder in (flow, flow.with_name("distilled")) if folder.is_dir()]


def part_folder(checkpoint: Path, kind: str) -> Path | None:
    """The folder of a part that is called by its kind: `checkpoint` itself where it is one, else
    that in it, else the imported one; None where there is none.
    """
    if _kind(checkpoint) == kind:
        return checkpoint
    places = (checkpoint, imported_folder())
    return next((place / kind for place in places if kind in _folders(place)), None)


def parts_of(folder: Path) -> Iterator[Part]:
    """The parts in a folder of parts, by name; what is none of ours is passed over.

    One that consists of several has them in folders of its own: "painter/latents".
    """
    names = _folders(folder)
    within = [f"{name}/{inner}" for name in names for inner in _folders(folder / name)]
    for name in sorted([*names, *within]):
        part = folder / name
        if (kind := _kind(part)) is not None:
            yield Part(
                name=name,
                kind=kind,
                folder=part,
                parameters=parameters(part),
                size=sum(file.stat().st_size for file in part.iterdir() if file.is_file()),
                licence=licence(part if (part / "README.md").is_file() else part.parent),
            )


def parameters(part: Path) -> int:
    """How many numbers the weights of a part are, by the header of their file; 0 without one."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(part / "model.safetensors", "numpy") as tensors:
            return sum(prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118
    except (OSError, SafetensorError):
        return 0


def card_text(folder: Path) -> str:
    """A part's model card; empty where it has none."""
    try:
        return read_text(folder / "README.md", "The card")
    except InputError:
        return ""


def licence(folder: Path) -> str:
    """The licence that a part's card names in its front matter; "not told" where it does not."""
    front = re.match(r"---\n(.*?)\n---\n", card_text(folder), re.DOTALL)
    told = dict(re.findall(r"^(license|license_name): *(.+?) *$", front[1] if front else "", re.M))
    return told.get("license_name") or told.get("license") or "not told"


def _home() -> Path:
    if home := os.environ.get("TRECS_HOME"):
        return expanded(home)
    try:
        return Path.home() / ".cache" / "trecs"
    except RuntimeError:  # no $HOME, and the system does not know this user, as in a container
        return Path(tempfile.gettempdir()) / f"trecs-{getattr(os, 'getuid', int)()}"


def _folders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _kind(folder: Path) -> str | None:
    if (folder / "library.json").is_file():
        return "library"
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8"))["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
