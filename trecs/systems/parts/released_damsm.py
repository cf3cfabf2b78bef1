"""The released encoders of words and pictures (DAMSM; Xu et al., CVPR 2018) in our format."""

from collections.abc import Sequence
from pathlib import Path

import torch

from files.weights import save_weights
from trecs.systems.parts import damsm
from trecs.systems.parts.damsm import DamsmConfig, DamsmNetworks
from trecs.systems.parts.released_files import VOCABULARY, read_files
from trecs.systems.parts.released_networks import fitted_networks, text_sizes, write_card


def import_damsm(paths: Sequence[Path], out: Path) -> None:
    """Writes the folder `out` from the text encoder, the image encoder and captions.pickle.

    Raises InputError where a file is missing, does not fit the others, or is none of the authors'.
    """
    files = read_files(paths, ("text_encoder", "image_encoder", VOCABULARY))
    vocabulary, embedding, text = text_sizes(files.states["text_encoder"])
    config = DamsmConfig(vocabulary, embedding, text, trunk="inception")
    with torch.device("meta"):
        networks = DamsmNetworks(config)
    encoders = {"text_encoder": networks.text_encoder, "image_encoder": networks.image_encoder}
    whole = fitted_networks(files, encoders)
    files.vocabulary.check(config.vocabulary)
    save_weights(out, damsm.KIND, config, whole)
    files.vocabulary.write(out)
    write_card(
        out,
        files,
        networks,
        title="DAMSM, the authors' encoders of words and pictures",
        command="damsm",
        use="They teach an AttnGAN and measure R-precision.",
    )
