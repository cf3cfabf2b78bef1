"""AttnGAN's released networks and encoders (Xu et al., CVPR 2018) in our format."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from files.errors import InputError
from files.released import fitted
from files.weights import save_weights, write_atomically
from trecs.systems.attngan import discriminator, model
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig
from trecs.systems.attngan.discriminator import Discriminator
from trecs.systems.attngan.model import AttnGanNetworks
from trecs.systems.parts import damsm
from trecs.systems.parts.damsm import DamsmConfig, DamsmNetworks
from trecs.systems.parts.released_files import NAMES, VOCABULARY, ReleasedFiles, read_files

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


def import_attngan(paths: Sequence[Path], out: Path) -> None:
    """Writes the folder `out` from the generator, the text encoder and captions.pickle.

    The three discriminators may be among the `paths` and go to `out/discriminators`. The sizes
    are read off the files. Raises InputError where a file is missing, does not fit the others,
    or is none of the authors'.
    """
    judges = [name for name in NAMES if name.startswith("discriminator")]
    files = read_files(paths, ("generator", "text_encoder", VOCABULARY), judges)
    config = _attngan_config(files.states)
    with torch.device("meta"):
        networks = AttnGanNetworks(config)
    whole = _fitted(files, {"text_encoder": networks.text_encoder, "generator": networks.generator})
    files.vocabulary.check(config.vocabulary)
    if not set(judges).isdisjoint(files.paths):
        _import_discriminators(files, config, out / "discriminators")
    save_weights(out, model.KIND, config, whole)
    files.vocabulary.write(out)
    _write_card(
        out,
        files,
        networks,
        title="AttnGAN, the authors' weights",
        command="attngan",
        use="`trecs attngan` draws with it.",
    )


def import_damsm(paths: Sequence[Path], out: Path) -> None:
    """Writes the folder `out` from the text encoder, the image encoder and captions.pickle.

    Raises InputError where a file is missing, does not fit the others, or is none of the authors'.
    """
    files = read_files(paths, ("text_encoder", "image_encoder", VOCABULARY))
    vocabulary, embedding, text = _text_sizes(files.states["text_encoder"])
    config = DamsmConfig(vocabulary, embedding, text, trunk="inception")
    with torch.device("meta"):
        networks = DamsmNetworks(config)
    encoders = {"text_encoder": networks.text_encoder, "image_encoder": networks.image_encoder}
    whole = _fitted(files, encoders)
    files.vocabulary.check(config.vocabulary)
    save_weights(out, damsm.KIND, config, whole)
    files.vocabulary.write(out)
    _write_card(
        out,
        files,
        networks,
        title="DAMSM, the authors' encoders of words and pictures",
        command="damsm",
        use="They teach an AttnGAN and measure R-precision.",
    )


def _import_discriminators(files: ReleasedFiles, config: AttnGanConfig, out: Path) -> None:
    """All of the generator's stages, or an InputError that names the missing ones."""
    first = files.states.get(f"discriminator{FIRST_SIDE}", {})
    config = replace(
        config, judge_width=_size(first, "img_code_s16.0.weight", 0, config.judge_width)
    )
    with torch.device("meta"):
        judges = Discriminator.all_of(config)
    kinds = [f"discriminator{FIRST_SIDE << stage}" for stage in range(config.stages)]
    given = [kind for kind in files.states if kind.startswith("discriminator")]
    if missing := [NAMES[kind] for kind in kinds if kind not in given]:
        raise InputError(f"Discriminators go together, and there is missing: {', '.join(missing)}.")
    whole = {
        f"{stage}.{name}": tensor
        for stage, kind in enumerate(kinds)
        for name, tensor in _fitted_one(files, kind, judges[stage]).items()
    }
    save_weights(out, discriminator.KIND, config, whole)


def _fitted(files: ReleasedFiles, networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The released tensors of several networks, each behind its network's name."""
    return {
        f"{kind}.{name}": tensor
        for kind, network in networks.items()
        for name, tensor in _fitted_one(files, kind, network).items()
    }


def _fitted_one(files: ReleasedFiles, kind: str, network: nn.Module) -> dict[str, Tensor]:
    what = f"{NAMES[kind]} that goes with the other files"
    return fitted(files.states[kind], network.state_dict(), files.paths[kind], what)


def _text_sizes(text: Mapping[str, Tensor]) -> tuple[int, int, int]:
    """Vocabulary, embedding and features of a text encoder; the published where it is no such."""
    official = AttnGanConfig.official()
    return (
        _size(text, "encoder.weight", 0, official.vocabulary),
        _size(text, "encoder.weight", 1, official.embedding),
        2 * _size(text, "rnn.weight_hh_l0", 1, official.text // 2),
    )


def _attngan_config(states: Mapping[str, Mapping[str, Tensor]]) -> AttnGanConfig:
    """The sizes of the files' networks; those of the published ones where a file does not tell."""
    official, generator = AttnGanConfig.official(), states["generator"]
    condition = _size(generator, "ca_net.fc.weight", 0, 4 * official.condition) // 4
    inputs = _size(generator, "h_net1.fc.0.weight", 1, official.noise + condition)
    later = [stage for stage in (2, 3) if f"h_net{stage}.att.conv_context.weight" in generator]
    blocks = [name for name in generator if name.startswith("h_net2.residual.")]
    vocabulary, embedding, text = _text_sizes(states["text_encoder"])
    return AttnGanConfig(
        vocabulary,
        embedding,
        text,
        width=_size(generator, "img_net1.img.0.weight", 1, official.width),
        condition=max(condition, 1),
        noise=max(inputs - condition, 1),
        residuals=len({name.split(".")[2] for name in blocks}) or official.residuals,
        stages=1 + len(later),
    )


def _size(state: Mapping[str, Tensor], name: str, axis: int, default: int) -> int:
    """The length of a released tensor along an axis; the default where there is none."""
    shape = state[name].shape if name in state else ()
    return shape[axis] if axis < len(shape) and shape[axis] else default


def _write_card(
    out: Path, files: ReleasedFiles, networks: nn.Module, *, title: str, command: str, use: str
) -> None:
    card = CARD.format(
        title=title,
        command=command,
        use=use,
        files=", ".join(f"`{path.name}`" for path in files.paths.values()),
        parameters=sum(parameter.numel() for parameter in networks.parameters()),
        words=len(files.vocabulary),
    )
    write_atomically(out / "README.md", card.encode())
