"""The files that AttnGAN's authors released, told apart by what is in them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor
from torch.serialization import MAGIC_NUMBER

from files.errors import InputError
from files.identifying import identified
from files.released import read_state
from trecs.systems.parts.released_vocabulary import read_vocabulary
from trecs.systems.parts.vocabulary import CaptionVocabulary

ZIP = b"PK"
BEFORE_ZIP = b"\x80\x02\x8a\x0a" + MAGIC_NUMBER.to_bytes(10, "little")
WEIGHTS = (".pth", ".pt", ".safetensors")
VOCABULARY = "vocabulary"
NAMES = {
    "generator": "the generator (coco_AttnGAN2.pth or netG*.pth)",
    "text_encoder": "the text encoder (text_encoder*.pth)",
    "image_encoder": "the image encoder (image_encoder*.pth)",
    VOCABULARY: "the vocabulary (captions.pickle)",
    "discriminator64": "the discriminator of 64 pixels (netD0.pth)",
    "discriminator128": "the discriminator of 128 pixels (netD1.pth)",
    "discriminator256": "the discriminator of 256 pixels (netD2.pth)",
}
TELLING = {
    "ca_net.fc.weight": "generator",
    "rnn.weight_ih_l0": "text_encoder",
    "emb_features.weight": "image_encoder",
    "img_code_s64.0.weight": "discriminator256",
    "img_code_s32.0.weight": "discriminator128",
    "img_code_s16.0.weight": "discriminator64",
}
"""Tensors that a kind of file has; the first one found tells."""


@dataclass
class ReleasedFiles:
    """What is in the files, by kind (the keys of NAMES)."""

    paths: dict[str, Path] = field(default_factory=dict)
    states: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    vocabulary: CaptionVocabulary = field(default_factory=lambda: CaptionVocabulary(()))


def read_files(
    paths: Sequence[Path], needed: Collection[str], also: Collection[str] = ()
) -> ReleasedFiles:
    """Reads the files, or the .pth and .pickle files of folders, in any order.

    `needed`: the kinds that must be there; `also`: those that may be. Raises InputError where one
    is missing, given twice, damaged, or of no use here.
    """
    files = ReleasedFiles()
    for path in _flat(paths):
        kind, content = _read(path)
        if kind not in (*needed, *also):
            raise InputError(f"'{path}' is {NAMES[kind]}, which is not wanted here; leave it out.")
        if kind in files.paths:
            raise InputError(
                f"'{files.paths[kind]}' and '{path}' are both {NAMES[kind]}; give one of them."
            )
        files.paths[kind] = path
        if isinstance(content, CaptionVocabulary):
            files.vocabulary = content
        else:
            files.states[kind] = content
    if missing := [NAMES[kind] for kind in needed if kind not in files.paths]:
        raise InputError(f"Of the authors' files there is missing: {', '.join(missing)}.")
    return files


def _flat(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.suffix in (".pth", ".pickle"))
        else:
            yield path


def _read(path: Path) -> tuple[str, dict[str, Tensor] | CaptionVocabulary]:
    """What kind of file it is, and what is in it."""
    if not path.is_file():
        raise InputError(f"There is no file '{path}'.")
    with path.open("rb") as file:
        beginning = file.read(len(BEFORE_ZIP))
    if not beginning.startswith((ZIP, BEFORE_ZIP)) and path.suffix not in WEIGHTS:
        return VOCABULARY, read_vocabulary(path)
    state = read_state(path, TELLING)
    kinds = [kind for name, kind in TELLING.items() if name in state]
    if not kinds:
        known = identified(state)
        raise InputError(
            f"'{path}' is none of AttnGAN's files{f' but {known}' if known else ''}; expected "
            f"{_either(NAMES)}."
        )
    return kinds[0], state


def _either(kinds: Collection[str]) -> str:
    *others, last = (NAMES[kind] for kind in kinds)
    return f"{', '.join(others)} or {last}"
