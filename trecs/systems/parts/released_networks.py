"""Networks in the files of AttnGAN's authors: sizes, tensors, and the card of what is imported."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from files.released import fitted
from files.whole import write_atomically
from trecs.systems.parts.damsm import DamsmConfig
from trecs.systems.parts.released_files import NAMES, ReleasedFiles

CARD = """\
---
license: mit
library_name: trecs-studio
tags: [trecs, image-generation, attngan]
datasets: [coco-2014]
---
# {title}

Imported by `trecs weights import {command}` from the authors' {files}: {parameters:,} parameters,
stored as float32, and a vocabulary of {words:,} words. {use}

- **Data**: COCO's 82,783 training photos with five captions each, as the authors report, where the
  files are those of COCO.
- **Licence**: MIT, that of the authors' code (github.com/taoxugit/AttnGAN); the photos that taught
  the networks have their own.
- **Recipe**: Xu, Zhang, Huang, Zhang, Gan, Huang, He: AttnGAN, CVPR 2018. Names and numbers are
  theirs; nothing was trained here.
- **Numbers**: the paper's, on COCO: inception score 25.89, R-precision 85.47 %. Not measured here.
- **Limits**: trained on captions of about ten words; long narratives are nothing it has seen.
"""


def fitted_networks(files: ReleasedFiles, networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The released tensors of several networks, each behind its network's name."""
    return {
        f"{kind}.{name}": tensor
        for kind, network in networks.items()
        for name, tensor in fitted_one(files, kind, network).items()
    }


def fitted_one(files: ReleasedFiles, kind: str, network: nn.Module) -> dict[str, Tensor]:
    """The released tensors of a network; raises InputError where they do not fit it."""
    what = f"{NAMES[kind]} that goes with the other files"
    return fitted(files.states[kind], network.state_dict(), files.paths[kind], what)


def text_sizes(text: Mapping[str, Tensor]) -> tuple[int, int, int]:
    """Vocabulary, embedding and features of a text encoder; the published where it is no such."""
    official = DamsmConfig.official()
    return (
        length(text, "encoder.weight", 0, official.vocabulary),
        length(text, "encoder.weight", 1, official.embedding),
        2 * length(text, "rnn.weight_hh_l0", 1, official.text // 2),
    )


def length(state: Mapping[str, Tensor], name: str, axis: int, default: int) -> int:
    """The length of a released tensor along an axis; the default where there is none."""
    shape = state[name].shape if name in state else ()
    return shape[axis] if axis < len(shape) and shape[axis] else default


def write_card(
    out: Path, files: ReleasedFiles, networks: nn.Module, *, title: str, command: str, use: str
) -> None:
    """Writes the model card of what `trecs weights import` imported."""
    card = CARD.format(
        title=title,
        command=command,
        use=use,
        files=", ".join(f"`{path.name}`" for path in files.paths.values()),
        parameters=sum(parameter.numel() for parameter in networks.parameters()),
        words=len(files.vocabulary),
    )
    write_atomically(out / "README.md", card.encode())
