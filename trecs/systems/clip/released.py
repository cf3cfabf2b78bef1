"""The authors' released CLIP in our format."""

import re
from collections.abc import Mapping, Sequence
from math import isqrt
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from files.errors import InputError
from files.released import fitted, read_state
from files.torchscript import is_program, read_program
from files.whole import write_atomically
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_resnet import SHRUNK
from trecs.systems.parts.clip_tokens import WANTED, read_byte_pairs
from trecs.systems.parts.contrastive import Contrastive

ENDINGS = (".pt", ".pth", ".safetensors")
TELLING = ("text_projection",)  # a tensor that no other network has
BESIDE = ("input_resolution", "context_length", "vocab_size")  # sizes, stored among the weights
HEAD = 64  # numbers of an attention's head
WHAT = "a released CLIP (ViT-B-32.pt, RN50.pt, ...)"
CARD = """\
---
license: mit
library_name: trecs-studio
tags: [trecs, clip]
---
# CLIP, the authors' weights

Imported by `trecs weights import clip` from the authors' `{file}`: {parameters:,} parameters,
stored as float16. It scores pictures against texts, and `trecs draw --system clip` draws by it.

- **Data**: 400 million pictures with texts of the internet, as the authors report.
- **Licence**: MIT, that of the authors' code and weights (github.com/openai/CLIP).
- **Recipe**: Radford et al.: Learning Transferable Visual Models From Natural Language Supervision,
  ICML 2021. Names and numbers are theirs; nothing was trained here.
- **Numbers**: not measured here.
- **Limits**: texts of at most 75 byte pairs; the rest is cut. What it learned of people and groups
  is told in the authors' model card.
"""


def import_clip(paths: Sequence[Path], out: Path) -> None:
    """Writes the folder `out` from the weights and the byte pairs, in any order.

    The weights are the authors' TorchScript archive, whose program is not run, or a state dict of
    the same names. The sizes are read off them. Raises InputError where a file is missing, does
    not fit the other, or is none of the authors'.
    """
    weights = [path for path in paths if path.suffix in ENDINGS]
    others = [path for path in paths if path not in weights]
    if len(weights) != 1 or len(others) != 1:
        raise InputError(
            f"{len(weights)} files of weights and {len(others)} of byte pairs were given; expected "
            f"one of each, {WHAT} and {WANTED}."
        )
    (path,), (pairs,) = weights, others
    tokens = read_byte_pairs(pairs)
    given = read_program(path) if path.is_file() and is_program(path) else read_state(path, TELLING)
    state = {name: tensor for name, tensor in given.items() if name not in BESIDE}
    config = _config(state, path)
    try:
        with torch.device("meta"):
            network = Clip(config)
    except (ArithmeticError, AssertionError, ValueError) as error:
        raise InputError(f"'{path}' is not {WHAT}: its sizes do not go together.") from error
    expected = network.state_dict()
    if is_program(path):  # constants of the program stand among the weights
        state = {name: tensor for name, tensor in state.items() if name in expected}
    network.load_state_dict(fitted(state, expected, path, WHAT), assign=True)
    Contrastive(network, tokens).save(out)
    parameters = sum(tensor.numel() for tensor in expected.values())
    card = CARD.format(file=path.name, parameters=parameters)
    write_atomically(out / "README.md", card.encode())


def _config(state: Mapping[str, Tensor], path: Path) -> ClipConfig:
    """The sizes of released tensors; raises InputError where those that tell are missing."""
    try:
        text, embedding = state["text_projection"].shape
        vocabulary, _ = state["token_embedding.weight"].shape
        words, _ = state["positional_embedding"].shape
        common: dict[str, Any] = {"embedding": embedding, "words": words, "vocabulary": vocabulary,
                  "text_width": text, "text_heads": max(text // HEAD, 1),
                  "text_layers": _count(state, r"transformer\.resblocks")}  # fmt: skip
        if "visual.proj" in state:
            width, _, patch, _ = state["visual.conv1.weight"].shape
            places, _ = state["visual.positional_embedding"].shape
            return ClipConfig(
                **common, side=patch * isqrt(places - 1), patch=patch, picture_width=width,
                picture_layers=(_count(state, r"visual\.transformer\.resblocks"),),
                picture_heads=max(width // HEAD, 1),
            )  # fmt: skip
        width = len(state["visual.layer1.0.conv1.weight"])
        places, _ = state["visual.attnpool.positional_embedding"].shape
        layers = tuple(_count(state, rf"visual\.layer{number}") for number in range(1, 5))
        return ClipConfig(
            **common, side=SHRUNK * isqrt(places - 1), picture_width=width,
            picture_layers=layers, picture_heads=max(width * 32 // HEAD, 1),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"'{path}' is not {WHAT}: what tells its sizes is missing.") from error


def _count(state: Mapping[str, Tensor], layers: str) -> int:
    """How many numbered layers there are."""
    found = {match[1] for name in state if (match := re.match(rf"{layers}\.(\d+)\.", name))}
    return len(found)
