"""AttnGAN's released networks (Xu et al., CVPR 2018) in our format."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.weights import save_weights
from trecs.systems.attngan import discriminator, model
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig
from trecs.systems.attngan.discriminator import discriminators
from trecs.systems.attngan.model import AttnGanNetworks
from trecs.systems.parts.released_files import NAMES, VOCABULARY, ReleasedFiles, read_files
from trecs.systems.parts.released_networks import (
    fitted_networks,
    fitted_one,
    length,
    text_sizes,
    write_card,
)


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
    whole = fitted_networks(
        files, {"text_encoder": networks.text_encoder, "generator": networks.generator}
    )
    files.vocabulary.check(config.vocabulary)
    if not set(judges).isdisjoint(files.paths):
        _import_discriminators(files, config, out / "discriminators")
    save_weights(out, model.KIND, config, whole)
    files.vocabulary.write(out)
    write_card(
        out,
        files,
        networks,
        title="AttnGAN, the authors' weights",
        command="attngan",
        use="`trecs attngan` draws with it.",
    )


def _import_discriminators(files: ReleasedFiles, config: AttnGanConfig, out: Path) -> None:
    """All of the generator's stages, or an InputError that names the missing ones."""
    first = files.states.get(f"discriminator{FIRST_SIDE}", {})
    config = replace(
        config, judge_width=length(first, "img_code_s16.0.weight", 0, config.judge_width)
    )
    with torch.device("meta"):
        judges = discriminators(config)
    kinds = [f"discriminator{FIRST_SIDE << stage}" for stage in range(config.stages)]
    given = [kind for kind in files.states if kind.startswith("discriminator")]
    if missing := [NAMES[kind] for kind in kinds if kind not in given]:
        raise InputError(f"Discriminators go together, and there is missing: {', '.join(missing)}.")
    whole = {
        f"{stage}.{name}": tensor
        for stage, kind in enumerate(kinds)
        for name, tensor in fitted_one(files, kind, judges[stage]).items()
    }
    save_weights(out, discriminator.KIND, config, whole)


def _attngan_config(states: Mapping[str, Mapping[str, Tensor]]) -> AttnGanConfig:
    """The sizes of the files' networks; those of the published ones where a file does not tell."""
    official, generator = AttnGanConfig.official(), states["generator"]
    condition = length(generator, "ca_net.fc.weight", 0, 4 * official.condition) // 4
    inputs = length(generator, "h_net1.fc.0.weight", 1, official.noise + condition)
    later = [stage for stage in (2, 3) if f"h_net{stage}.att.conv_context.weight" in generator]
    blocks = [name for name in generator if name.startswith("h_net2.residual.")]
    vocabulary, embedding, text = text_sizes(states["text_encoder"])
    return AttnGanConfig(
        vocabulary,
        embedding,
        text,
        width=length(generator, "img_net1.img.0.weight", 1, official.width),
        condition=max(condition, 1),
        noise=max(inputs - condition, 1),
        residuals=len({name.split(".")[2] for name in blocks}) or official.residuals,
        stages=1 + len(later),
    )
